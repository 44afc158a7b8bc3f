import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { kernelSlot, mustRun, writeWhole } from './box.ts'
import { readFacts, readTrial } from './facts.ts'
import { type HealthLimits, judge } from './health-rules.ts'
import type { Places } from './places.ts'

const LOOK_EVERY_MS = 5_000
const START_DEADLINE_MS = 120_000

/** What the next update's trial has to know about this slot. */
export const cloudSeenFile = (places: Places): string => `${places.runDir}/cloud-seen`

/** RAUC is started first: D-Bus would wait for it no longer than 25 s, which a board that is starting may need. */
async function markGood(): Promise<void> {
  await mustRun('systemctl', ['start', 'rauc.service'], START_DEADLINE_MS)
  await mustRun('rauc', ['status', 'mark-good'])
}

/**
 * Judges the slot that runs: good fills up its attempts, bad restarts into the next one. Afterwards it goes on only until the
 * cloud was seen once, so that the next update is held to it.
 */
export async function watchHealth(
  places: Places,
  limits: HealthLimits,
  say: (line: string) => void,
): Promise<void> {
  const slot = kernelSlot()
  let isJudged = false
  let lastWait = ''
  for (;;) {
    const facts = await readFacts(places)
    const judgement = judge(facts, limits)
    if (!isJudged && judgement.kind === 'good') {
      isJudged = await markGood().then(
        () => true,
        (error: Error) => {
          process.stderr.write(`${error.message}\n`)
          return false
        },
      )
      if (isJudged) {
        if (readTrial(places) !== undefined) await rm(places.trialFile, { force: true })
        say(`slot ${slot} is good: ${judgement.because}`)
      }
    }
    // After the judgement: an update that waits for the cloud keeps RAUC busy from then on.
    if (isJudged && facts.isAcknowledged) await writeWhole(cloudSeenFile(places), 'yes\n')
    if (!isJudged && judgement.kind === 'bad') {
      say(`slot ${slot} does not work: ${judgement.because}; starting again`)
      await mustRun('systemctl', ['reboot'])
      return
    }
    if (judgement.kind === 'wait' && judgement.for !== lastWait) {
      lastWait = judgement.for
      say(`slot ${slot} waits for ${judgement.for}`)
    }
    if (isJudged && (facts.isAcknowledged || !facts.isClaimed)) return
    await sleep(isJudged ? 3 * LOOK_EVERY_MS : LOOK_EVERY_MS)
  }
}
