import { formatSeconds } from '../progress/steps.ts'
import { type CheckStep, checkSteps, lastStep } from './steps.ts'

/** The tools take a core each. */
const MAX_AT_ONCE = 2

/** Runs one check and prints its line; details only of what needs repair. */
async function runStep(step: CheckStep): Promise<boolean> {
  const startedAtMs = performance.now()
  const details = await step.run()
  const isClean = details === undefined
  const duration = formatSeconds(performance.now() - startedAtMs)
  process.stdout.write(`${isClean ? 'ok  ' : 'FAIL'}  ${step.name}, ${duration}\n`)
  if (!isClean) process.stdout.write(`${details}\n\n`)
  return isClean
}

async function main(): Promise<number> {
  const waiting = [...checkSteps]
  const outcomes: boolean[] = []
  const work = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift())
      outcomes.push(await runStep(step))
  }
  await Promise.all(Array.from({ length: MAX_AT_ONCE }, work))
  outcomes.push(await runStep(lastStep))
  return outcomes.every(Boolean) ? 0 : 1
}

process.exitCode = await main()
