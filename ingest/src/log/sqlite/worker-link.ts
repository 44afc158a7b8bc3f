import { Worker } from 'node:worker_threads'
import { LogUnavailableError } from '../errors.ts'
import type {
  AnswerMessage,
  LogAnswers,
  LogRequest,
  OpenedMessage,
  RequestMessage,
  WorkerOptions,
} from './protocol.ts'

/** The log's thread, seen from the main thread: requests as promises. */
export interface WorkerLink {
  readonly opened: Extract<OpenedMessage, { opened: true }>
  ask<Op extends LogRequest['op']>(
    request: Extract<LogRequest, { op: Op }>,
    transfer?: readonly ArrayBuffer[],
  ): Promise<LogAnswers[Op]>
  /** Why nothing is answered any more; undefined while all is well. */
  readonly failure: Error | undefined
  onFailure(listener: (error: Error) => void): void
  stop(): Promise<void>
}

/** Starts the thread and opens the file. @throws LogUnavailableError in one sentence where it cannot be opened. */
export async function startLogWorker(options: WorkerOptions): Promise<WorkerLink> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: options })
  const waiting = new Map<number, { resolve: (answer: never) => void; reject: (error: Error) => void }>()
  const listeners: ((error: Error) => void)[] = []
  let lastId = 0
  let failure: Error | undefined
  let isStopping = false

  const opened = await new Promise<OpenedMessage>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  if (!opened.opened) {
    await worker.terminate()
    throw new LogUnavailableError(`The log ${options.file} cannot be opened: ${describe(opened.failure)}`)
  }

  worker.on('message', (message: AnswerMessage) => {
    const asked = waiting.get(message.id)
    waiting.delete(message.id)
    if ('failure' in message)
      asked?.reject(new LogUnavailableError(`the log's disk refused: ${message.failure}`))
    else asked?.resolve(message.answer as never)
  })
  const fail = (cause: unknown) => {
    if (failure !== undefined) return
    failure = new LogUnavailableError('the log has ended', { cause })
    for (const { reject } of waiting.values()) reject(failure)
    waiting.clear()
    if (!isStopping) for (const listener of listeners) listener(failure)
  }
  worker.on('error', fail)
  worker.on('exit', fail)

  return {
    opened,
    get failure() {
      return failure
    },
    onFailure: (listener) => {
      listeners.push(listener)
    },
    ask(request, transfer = []) {
      if (failure !== undefined) return Promise.reject(failure)
      const message: RequestMessage = { id: ++lastId, request }
      return new Promise((resolve, reject) => {
        waiting.set(message.id, { resolve, reject })
        worker.postMessage(message, transfer)
      })
    },
    async stop() {
      if (isStopping || failure !== undefined) return
      isStopping = true
      const message: RequestMessage = { id: ++lastId, request: { op: 'close' } }
      await new Promise<void>((resolve) => {
        worker.once('exit', () => resolve())
        worker.postMessage(message)
      })
    },
  }
}

function describe(failure: string): string {
  return /database is locked|SQLITE_BUSY/.test(failure)
    ? 'another process uses this data folder; stop it, or set PROACTIVE_DATA to another folder'
    : failure
}
