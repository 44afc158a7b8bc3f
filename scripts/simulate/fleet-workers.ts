import { Worker } from 'node:worker_threads'
import { addTally, emptyTally, type Tally } from '../../test/sim/fleet/score.ts'
import type { SimulateArguments } from './arguments.ts'
import type { WorkerTask, WorkerWord } from './worker.ts'

/**
 * Deals the fleet out to threads and adds up what they find. The figures do not depend on how many threads there are.
 * Ends early, with what is done, at the deadline or when the signal aborts.
 */
export async function runFleetOnWorkers(
  args: SimulateArguments,
  onDays: (days: number) => void,
  signal: AbortSignal,
): Promise<Tally> {
  const deadlineMs = Date.now() + args.minutes * 60_000
  const shares = Array.from({ length: args.workers }, (_, worker) =>
    Array.from({ length: args.locations }, (_, index) => index).filter(
      (index) => index % args.workers === worker,
    ),
  )
  const { seed, days, faultsPerDay, telemetrySeconds } = args
  const tallies = await Promise.all(
    shares.map((indexes) =>
      runWorker({ seed, days, faultsPerDay, telemetrySeconds, indexes, deadlineMs }, onDays, signal),
    ),
  )
  const sum = emptyTally()
  for (const tally of tallies) addTally(sum, tally)
  return sum
}

function runWorker(task: WorkerTask, onDays: (days: number) => void, signal: AbortSignal): Promise<Tally> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('worker.ts', import.meta.url), { workerData: task })
    signal.addEventListener('abort', () => worker.postMessage('stop'), { once: true })
    worker.on('message', (word: WorkerWord) => {
      if (word.kind === 'days') onDays(word.days)
      else resolve(word.tally)
    })
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`a worker ended with code ${code}`)))
  })
}
