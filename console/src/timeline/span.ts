/** A piece of time that the charts show. */
export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

const minMs = 60_000
const maxMs = 31 * 24 * 3_600_000
export const spans = [
  { label: '1 h', ms: 3_600_000 },
  { label: '6 h', ms: 6 * 3_600_000 },
  { label: '24 h', ms: 24 * 3_600_000 },
  { label: '7 d', ms: 7 * 24 * 3_600_000 },
] as const

/** Reads `?from&to` (epoch ms); undefined = the newest hour. */
export function parseSpan(query: URLSearchParams): Span | undefined {
  const fromMs = Number(query.get('from'))
  const toMs = Number(query.get('to'))
  if (!Number.isSafeInteger(fromMs) || !Number.isSafeInteger(toMs) || fromMs <= 0 || toMs - fromMs < minMs)
    return undefined
  return { fromMs, toMs: Math.min(toMs, fromMs + maxMs) }
}

/** Moves by a share of the length; never past now. */
export function pan({ fromMs, toMs }: Span, share: number, nowMs: number): Span {
  const length = toMs - fromMs
  const end = Math.min(nowMs, toMs + Math.round(length * share))
  return { fromMs: end - length, toMs: end }
}

/** Same middle, other length; at least a minute, at most a month. */
export function zoom({ fromMs, toMs }: Span, factor: number, nowMs: number): Span {
  const length = Math.min(maxMs, Math.max(minMs, Math.round((toMs - fromMs) * factor)))
  const end = Math.min(nowMs, Math.round((fromMs + toMs) / 2 + length / 2))
  return { fromMs: end - length, toMs: end }
}
