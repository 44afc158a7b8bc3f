import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { kernelSlot, mustRun, ownAddresses, readText, report, writeWhole } from './box.ts'
import type { Trial } from './facts.ts'
import { cloudSeenFile } from './health.ts'
import type { Places } from './places.ts'

const INSTALL_DEADLINE_MS = 30 * 60_000
const CLOUD_WAIT_MS = 180_000
const BUNDLE = 'update.raucb'

/**
 * Installs the bundle of a drive labelled PROUPDATE and starts into it. RAUC refuses what is not signed for this appliance, is
 * for other hardware, or is older than what runs; the sentence then stands on the card.
 */
export async function updateFromDrive(places: Places, drive: string): Promise<void> {
  const bundle = join(drive, BUNDLE)
  if (!existsSync(bundle)) return
  const digest = await sha256Of(bundle)
  if (readText(places.lastUpdate)?.trim() === digest) return
  // The trial asks for what this slot could do, which it does not know yet right after its start.
  for (let waitedMs = 0; !existsSync(cloudSeenFile(places)) && waitedMs < CLOUD_WAIT_MS; waitedMs += 1_000)
    await sleep(1_000)
  // Kept before the attempt: a bundle that makes the appliance restart must not be tried for ever.
  await writeWhole(places.lastUpdate, `${digest}\n`)
  try {
    await mustRun('rauc', ['install', bundle], INSTALL_DEADLINE_MS)
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    await report(places, { state: 'update', detail: `The update was refused: ${lastSentence(words)}` })
    return
  }
  await report(places, { state: 'update', detail: 'The update is installed and starts now.' })
  await mustRun('systemctl', ['reboot'])
}

/** RAUC's last step of an installation calls this: the next start is a trial. */
export async function startTrial(places: Places): Promise<void> {
  const trial: Trial = {
    slot: kernelSlot() === 'A' ? 'B' : 'A',
    couldReachCloud: existsSync(cloudSeenFile(places)),
    hadAddress: ownAddresses().length > 0,
  }
  await writeWhole(places.trialFile, `${JSON.stringify(trial)}\n`)
}

const lastSentence = (words: string): string =>
  words.match(/LastError: (.*)/)?.[1] ?? words.trim().split('\n').at(-1) ?? 'RAUC said nothing.'

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
