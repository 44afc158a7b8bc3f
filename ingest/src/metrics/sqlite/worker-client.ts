import { Worker } from 'node:worker_threads'
import {
  openedId,
  type ResultOf,
  type Work,
  type WorkerData,
  type WorkOf,
  type WorkReply,
} from './protocol.ts'

/** The worker thread as calls that end: with its result, its failure, or their deadline. */
export interface WorkerClient {
  call<Op extends Work['op']>(
    work: WorkOf<Op>,
    options: { readonly timeoutMs: number; readonly transfer?: readonly ArrayBuffer[] },
  ): Promise<ResultOf[Op]>
  readonly isAlive: boolean
  /** Ends the thread at once; safe to call twice. */
  terminate(): Promise<void>
}

interface Waiting {
  readonly resolve: (result: ResultOf[Work['op']]) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

/** Starts the thread and waits until it has its file open. @throws Error with SQLite's reason. */
export async function startWorkerClient(data: WorkerData, timeoutMs: number): Promise<WorkerClient> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: data })
  const waitingById = new Map<number, Waiting>()
  let lastId = openedId
  let isAlive = true

  const expect = (id: number, withinMs: number) =>
    new Promise<ResultOf[Work['op']]>((resolve, reject) => {
      const timer = setTimeout(() => {
        waitingById.delete(id)
        reject(new Error(`no answer within ${withinMs} ms`))
      }, withinMs)
      waitingById.set(id, { resolve, reject, timer })
    })
  const failAll = (error: Error) => {
    isAlive = false
    for (const { reject, timer } of waitingById.values()) {
      clearTimeout(timer)
      reject(error)
    }
    waitingById.clear()
  }

  worker.on('message', (reply: WorkReply) => {
    const waiting = waitingById.get(reply.id)
    if (waiting === undefined) return
    waitingById.delete(reply.id)
    clearTimeout(waiting.timer)
    if ('failure' in reply) waiting.reject(new Error(reply.failure))
    else waiting.resolve(reply.result)
  })
  worker.on('error', failAll)
  worker.on('exit', (code) => failAll(new Error(`its thread ended with code ${code}`)))

  try {
    await expect(openedId, timeoutMs)
  } catch (error) {
    await worker.terminate()
    throw error
  }
  return {
    async call<Op extends Work['op']>(
      work: WorkOf<Op>,
      options: { readonly timeoutMs: number; readonly transfer?: readonly ArrayBuffer[] },
    ) {
      if (!isAlive) throw new Error('its thread has ended')
      const id = ++lastId
      const answer = expect(id, options.timeoutMs)
      worker.postMessage({ id, work }, options.transfer ?? [])
      return (await answer) as ResultOf[Op]
    },
    get isAlive() {
      return isAlive
    },
    async terminate() {
      await worker.terminate()
    },
  }
}
