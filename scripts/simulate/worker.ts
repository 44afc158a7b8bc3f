import { parentPort, workerData } from 'node:worker_threads'
import { type FleetOptions, type LocationTale, runFleet } from '../../test/sim/fleet/run-fleet.ts'

/** What a worker is started with: its share of the fleet. */
export type WorkerTask = FleetOptions & { readonly indexes: readonly number[]; readonly deadlineMs: number }

/** What a worker tells; `done` once, at the end. */
export type WorkerWord =
  | { readonly kind: 'days'; readonly days: number }
  | { readonly kind: 'tale'; readonly tale: LocationTale }
  | { readonly kind: 'done' }

const task = workerData as WorkerTask
const say = (word: WorkerWord) => parentPort?.postMessage(word)
const abort = new AbortController()
const timer = setTimeout(() => abort.abort(), Math.max(0, task.deadlineMs - Date.now()))
parentPort?.once('message', () => abort.abort())

await runFleet({
  ...task,
  signal: abort.signal,
  onDays: (days) => say({ kind: 'days', days }),
  onTale: (tale) => say({ kind: 'tale', tale }),
})
clearTimeout(timer)
say({ kind: 'done' })
parentPort?.close()
