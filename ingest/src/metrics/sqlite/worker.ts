import { parentPort, workerData } from 'node:worker_threads'
import { openDayTables } from './day-tables.ts'
import {
  openedId,
  type ResultOf,
  type Work,
  type WorkerData,
  type WorkReply,
  type WorkRequest,
} from './protocol.ts'

/** The thread that owns the store's file: it does one thing after the other, so reads see every write answered before. */
const { file } = workerData as WorkerData
const reply = (message: WorkReply) => parentPort?.postMessage(message)
const text = (error: unknown) => (error instanceof Error ? error.message : String(error))

try {
  const tables = openDayTables(file)
  const carryOut = (work: Work): ResultOf[Work['op']] => {
    switch (work.op) {
      case 'write':
        tables.write(work.rows)
        return undefined
      case 'buckets':
        return tables.buckets(work.locationId, work.query, work.buckets)
      case 'latest':
        return tables.latest(work.locationId, work.sinceMs)
      case 'drop-before':
        tables.dropBefore(work.day)
        return undefined
      case 'close':
        tables.close()
        parentPort?.unref()
        return undefined
    }
  }
  parentPort?.on('message', ({ id, work }: WorkRequest) => {
    try {
      reply({ id, result: carryOut(work) })
    } catch (error) {
      reply({ id, failure: text(error) })
    }
  })
  reply({ id: openedId, result: undefined })
} catch (error) {
  reply({ id: openedId, failure: text(error) })
}
