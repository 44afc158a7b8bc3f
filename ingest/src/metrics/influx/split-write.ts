import type { Point, WriteOutcome } from '../metric-store.ts'
import type { WriteResponse } from './write-response.ts'

/** Requests that one write may cost before we stop looking for the bad lines: enough for a few among 5,000. */
const maxRequests = 64

/**
 * Sends a batch; where the server refuses it as a whole for its content, halves it until the refused lines stand alone and are
 * given up as permanent. Re-sent lines overwrite themselves. A server that refuses nearly everything (a wrong proxy, another
 * program on that port) makes the write end as `retry`: nothing is given up for that.
 */
export async function writeSplitting(
  points: readonly Point[],
  send: (points: readonly Point[]) => Promise<WriteResponse>,
): Promise<WriteOutcome> {
  const parts: (readonly Point[])[] = [points]
  let permanent = 0
  for (let requests = 0; ; requests++) {
    const part = parts.pop()
    if (part === undefined) return { kind: 'ok', permanent }
    if (part.length === 0) continue
    const response = await send(part)
    if (response.kind === 'retry') return response
    if (response.kind === 'stored') {
      permanent += Math.min(response.dropped, part.length)
    } else if (requests >= maxRequests) {
      return { kind: 'retry', afterMs: refusedRetryMs, reason: response.reason }
    } else if (part.length === 1) {
      permanent += 1
    } else {
      const middle = Math.ceil(part.length / 2)
      parts.push(part.slice(middle), part.slice(0, middle))
    }
  }
}

const refusedRetryMs = 15_000
