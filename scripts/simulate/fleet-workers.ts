import { Worker } from 'node:worker_threads'
import { drawOutages } from '../../test/sim/fleet/outages.ts'
import { fleetStartMs, type LocationTale } from '../../test/sim/fleet/run-fleet.ts'
import { type Score, score } from '../../test/sim/fleet/score.ts'
import type { SimulateArguments } from './arguments.ts'
import type { WorkerTask, WorkerWord } from './worker.ts'

/**
 * Deals the fleet out to threads and holds what they tell against what was done. The figures do not depend on how many threads there are.
 * Ends early, with what is done, at the deadline or when the signal aborts.
 */
export async function runFleetOnWorkers(
  args: SimulateArguments,
  onDays: (days: number) => void,
  signal: AbortSignal,
): Promise<Score> {
  const deadlineMs = Date.now() + args.minutes * 60_000
  const { seed, locations, days, faultsPerDay, telemetrySeconds, isStepwise } = args
  const shares = Array.from({ length: args.workers }, (_, worker) =>
    Array.from({ length: locations }, (_, index) => index).filter((index) => index % args.workers === worker),
  )
  const tales: LocationTale[] = []
  const common = { seed, locations, days, faultsPerDay, telemetrySeconds, isStepwise, deadlineMs }
  await Promise.all(
    shares.map((indexes) => runWorker({ ...common, indexes }, onDays, (tale) => tales.push(tale), signal)),
  )
  const outages = drawOutages({ seed, startMs: fleetStartMs, days, locations })
  return score(tales, outages, fleetStartMs)
}

function runWorker(
  task: WorkerTask,
  onDays: (days: number) => void,
  onTale: (tale: LocationTale) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('worker.ts', import.meta.url), { workerData: task })
    signal.addEventListener('abort', () => worker.postMessage('stop'), { once: true })
    worker.on('message', (word: WorkerWord) => {
      if (word.kind === 'days') onDays(word.days)
      else if (word.kind === 'tale') onTale(word.tale)
      else resolve()
    })
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`a worker ended with code ${code}`)))
  })
}
