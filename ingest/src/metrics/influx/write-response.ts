/** What a server made of one write request, before anything is retried or split. */
export type WriteResponse =
  | { readonly kind: 'stored'; readonly dropped: number }
  /** The request as a whole was refused for its content: halves of it may pass. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'retry'; readonly afterMs: number; readonly reason: string }

const retryAfterMs = 1_000
/** Wrong token, missing bucket: somebody has to mend it; asking every second would only fill logs. */
const operatorRetryMs = 15_000
const maxRetryAfterMs = 60_000
const maxReasonChars = 300

/**
 * Reads a write response of InfluxDB 1.x, 2.x or 3.x.
 * 400 and 422 with `dropped=N` are partial writes: N points are lost for good (type conflict, beyond retention), the others are in.
 * Seen on 1.6.7: a batch with both kinds names only the conflicts, and lines it could not read count as `dropped=0`.
 */
export function readWriteResponse(
  status: number,
  body: string,
  retryAfter: string | undefined,
): WriteResponse {
  const reason = `HTTP ${status}${body === '' ? '' : `: ${messageOf(body)}`}`
  if (status >= 200 && status < 300) return { kind: 'stored', dropped: 0 }
  if (status === 400 || status === 422) {
    const dropped = /\bdropped=(\d{1,9})\b/.exec(body)?.[1]
    if (dropped === undefined) return { kind: 'refused', reason }
    const unreadable = body.match(/unable to parse/g)?.length ?? 0
    return { kind: 'stored', dropped: Number(dropped) + unreadable }
  }
  if (status === 413) return { kind: 'refused', reason }
  if (status === 429 || status >= 500) return { kind: 'retry', afterMs: retryAfterOf(retryAfter), reason }
  return { kind: 'retry', afterMs: operatorRetryMs, reason }
}

/** `Retry-After` in seconds (RFC 9110 §10.2.3); its date form is rare enough to be ignored. */
function retryAfterOf(header: string | undefined): number {
  const seconds = Number(header ?? Number.NaN)
  return seconds > 0 ? Math.min(seconds * 1_000, maxRetryAfterMs) : retryAfterMs
}

function messageOf(body: string): string {
  const capped = body.slice(0, 4_096)
  try {
    const parsed: unknown = JSON.parse(capped)
    if (typeof parsed === 'object' && parsed !== null) {
      const message = 'error' in parsed ? parsed.error : 'message' in parsed ? parsed.message : undefined
      if (typeof message === 'string') return message.slice(0, maxReasonChars)
    }
  } catch {
    // Not JSON: a proxy's page, or cut off; the text itself has to do.
  }
  return capped.replace(/\s+/g, ' ').trim().slice(0, maxReasonChars)
}
