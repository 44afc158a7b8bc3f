import { existsSync } from 'node:fs'
import type { ClockTrust } from '../ports/index.ts'

/** systemd-timesyncd creates this file when it has set the clock from a server (systemd-timesyncd.service(8)). */
const synchronizedFile = '/run/systemd/timesync/synchronized'

/** Trusts the wall clock once a time service vouches for it, or where the settings say so. */
export function createClockTrust(isTrustedBySettings: boolean): ClockTrust {
  return { isTrusted: () => isTrustedBySettings || existsSync(synchronizedFile) }
}
