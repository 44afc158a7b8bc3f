import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { type LogDatabase, openLogDatabase } from './database.ts'
import type { AnswerMessage, LogAnswer, LogRequest, OpenedMessage, RequestMessage } from './protocol.ts'

/**
 * The log's thread: what arrived while the last transaction was being made durable becomes the next one (group commit).
 * Requests answer in order; a disk error fails all writes of its group and none of the reads.
 */
const writes = new Set<LogRequest['op']>(['append', 'own', 'commit', 'release', 'acknowledge', 'trim'])

const port = parentPort
if (port === null) throw new Error('the log runs in a worker thread only')

const database = open()
if (database !== undefined) {
  port.on('message', (first: RequestMessage) => serve(database, [first, ...waiting()]))
}

function open(): LogDatabase | undefined {
  try {
    const opened = openLogDatabase(workerData)
    send(opened.summary)
    return opened
  } catch (error) {
    send({ opened: false, failure: sentence(error) })
    port?.close()
    return undefined
  }
}

function* waiting(): Generator<RequestMessage> {
  if (port === null) return
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port))
    yield next.message
}

function serve(db: LogDatabase, messages: readonly RequestMessage[]): void {
  const group = messages.filter(({ request }) => writes.has(request.op))
  try {
    const answers = group.length === 0 ? [] : db.write(group.map(({ request }) => request))
    for (const [index, { id }] of group.entries()) send({ id, answer: answers[index] ?? null })
  } catch (error) {
    for (const { id } of group) send({ id, failure: sentence(error) })
  }
  for (const { id, request } of messages) {
    if (writes.has(request.op)) continue
    if (request.op === 'close') {
      db.close()
      send({ id, answer: null })
      port?.close()
      return
    }
    try {
      send({ id, answer: db.read(request) })
    } catch (error) {
      send({ id, failure: sentence(error) })
    }
  }
}

function send(message: AnswerMessage | OpenedMessage): void {
  port?.postMessage(message, 'answer' in message ? buffersOf(message.answer) : [])
}

/** The bytes of a read are made for it alone, so they move instead of being copied. */
function buffersOf(answer: LogAnswer): ArrayBuffer[] {
  return typeof answer === 'object' &&
    answer !== null &&
    'bytes' in answer &&
    typeof answer.bytes !== 'number'
    ? [answer.bytes.buffer]
    : []
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
