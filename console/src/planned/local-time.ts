/** What a clock in that zone shows, as `2026-11-22T14:02`: the form of `<input type="datetime-local">`. */
export function toLocalText(atMs: number, timeZone: string): string {
  const parts = new Map(
    new Intl.DateTimeFormat('en-CA', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
      .formatToParts(atMs)
      .map(({ type, value }) => [type, value]),
  )
  const get = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? '00'
  return `${get('year')}-${get('month')}-${get('day')}T${get('hour')}:${get('minute')}`
}

/** The moment at which a clock in that zone shows `text`; of an hour that comes twice, the first; undefined for no date. */
export function fromLocalText(text: string, timeZone: string): number | undefined {
  const asUtcMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text) ? Date.parse(`${text}:00Z`) : Number.NaN
  if (Number.isNaN(asUtcMs)) return undefined
  const offsetAt = (ms: number) => Date.parse(`${toLocalText(ms, timeZone)}:00Z`) - ms
  const minuteMs = Math.floor(asUtcMs / 60_000) * 60_000
  const guesses = [offsetAt(minuteMs - 86_400_000), offsetAt(minuteMs + 86_400_000)].map(
    (offset) => minuteMs - offset,
  )
  // An hour that the clocks skip fits neither: then what the clock was before counts.
  return guesses.toSorted((a, b) => a - b).find((ms) => toLocalText(ms, timeZone) === text) ?? guesses[0]
}
