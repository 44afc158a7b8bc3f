/** `14:02`, in the Location's zone; with the day where it is not today there. */
export function clockTime(atMs: number, timeZone: string, nowMs: number): string {
  const day = (ms: number) => new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(ms)
  const time = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }).format(atMs)
  if (day(atMs) === day(nowMs)) return time
  return `${new Intl.DateTimeFormat('en-GB', { timeZone, day: 'numeric', month: 'short' }).format(atMs)}, ${time}`
}

/** `40 s`, `6 min`, `3 h`, `2 d`: how long ago, coarse on purpose. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 90) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 90) return `${minutes} min`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} d`
}

/** How long an appliance may be quiet before the page says so: two telemetry windows. */
export const quietAfterMs = 75_000
