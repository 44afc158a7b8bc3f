import { statSync } from 'node:fs'
import type { ClockTrust } from '../ports/index.ts'

/** systemd-timesyncd touches this file each time it has set or confirmed the clock from a server (systemd-timesyncd.service(8)). */
const synchronizedFile = '/run/systemd/timesync/synchronized'

/** Trusts the wall clock once a time service vouches for it, or where the settings say so. */
export function createClockTrust(isTrustedBySettings: boolean, file: string = synchronizedFile): ClockTrust {
  if (isTrustedBySettings) return { isTrusted: () => true }
  const touchedMs = () => statSync(file, { throwIfNoEntry: false })?.mtimeMs
  return { isTrusted: () => touchedMs() !== undefined, lastSyncMs: touchedMs }
}
