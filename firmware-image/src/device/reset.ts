import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { isClaimed, mustRun, ownAddresses, readSavedConfig, readText, report, writeWhole } from './box.ts'
import { parseConfig, USED_CLAIM } from './config-file.ts'
import type { Places } from './places.ts'
import { revokeSelf } from './revoke.ts'

const NETWORK_WAIT_MS = 30_000
const DATA = '/dev/disk/by-partuuid/50524f41-04'

/**
 * Makes the appliance as it came: tells the cloud that its certificate is void, where it can be reached, and makes the data
 * partition anew, which forgets keys, spool and settings. A claim that is still unused stays in `proactive.json`.
 */
export async function factoryReset(places: Places): Promise<void> {
  const revoked = isClaimed(places) ? await revoke(places) : undefined
  await mustRun('systemctl', ['stop', 'proactive-agent.service', 'systemd-timesyncd.service'])
  await mustRun('systemctl', ['stop', 'var-lib-systemd.mount', 'data.mount'])
  // A card that knows the command forgets the old content for good; others only lose the way to it.
  await mustRun('blkdiscard', ['-f', DATA]).catch(() => '')
  await mustRun('mke2fs', ['-q', '-F', '-t', 'ext4', '-m', '0', '-L', 'data', DATA], 300_000)
  if (!hasFreshClaim(readText(places.configFile))) await rm(places.configFile, { force: true })
  await rm(places.resetFile, { force: true })
  await report(places, {
    state: 'reset-done',
    ...(revoked === undefined ? {} : { detail: revoked }),
  })
  await mustRun('systemctl', ['reboot'])
}

function hasFreshClaim(text: string | undefined): boolean {
  const parsed = text === undefined ? undefined : parseConfig(text)
  return parsed?.kind === 'good' && parsed.config.claim !== undefined && parsed.config.claim !== USED_CLAIM
}

/** By best effort: without the cloud a person revokes the appliance there. */
async function revoke(places: Places): Promise<string> {
  for (let waitedMs = 0; ownAddresses().length === 0 && waitedMs < NETWORK_WAIT_MS; waitedMs += 1_000)
    await sleep(1_000)
  try {
    await revokeSelf(places.agentData, readSavedConfig(places)?.proxy)
    return 'The cloud has taken its certificate back.'
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    await writeWhole(`${places.runDir}/reset-note`, why).catch(() => {})
    return `The cloud could not be told (${why.slice(0, 200)}): remove the appliance there.`
  }
}
