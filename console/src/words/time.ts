import { language, t } from '../i18n/language.ts'

/** Making a formatter takes longer than a hundred uses of it: each zone's are made once. */
function keepByZone(
  options: Intl.DateTimeFormatOptions,
  locale: string,
): (timeZone: string) => Intl.DateTimeFormat {
  const made = new Map<string, Intl.DateTimeFormat>()
  return (timeZone) => {
    const known = made.get(timeZone)
    if (known !== undefined) return known
    const fresh = new Intl.DateTimeFormat(locale, { ...options, timeZone })
    made.set(timeZone, fresh)
    return fresh
  }
}
const dayIn = keepByZone({ dateStyle: 'short' }, 'en-CA')
const shortDateIn = keepByZone({ day: 'numeric', month: 'short' }, language.locale)
const timeIn = keepByZone({ hour: '2-digit', minute: '2-digit' }, language.locale)

/** `14:02`, in that zone; with the day where it is not today there. */
export function clockTime(atMs: number, timeZone: string, nowMs: number): string {
  const day = dayIn(timeZone)
  const time = timeIn(timeZone).format(atMs)
  if (day.format(atMs) === day.format(nowMs)) return time
  return `${shortDateIn(timeZone).format(atMs)}, ${time}`
}

/** `40 s`, `6 min`, `3 h`, `2 d`: how long ago, coarse on purpose. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 90) return t('{count} s', { count: seconds })
  const minutes = Math.round(seconds / 60)
  if (minutes < 90) return t('{count} min', { count: minutes })
  const hours = Math.round(minutes / 60)
  return hours < 48 ? t('{count} h', { count: hours }) : t('{count} d', { count: Math.round(hours / 24) })
}

/** Longest time between two batches of a connected appliance (300 s, the twin's limit) and half a minute. */
const quietOnlineMs = 330_000
/** Two usual telemetry windows. */
const quietOfflineMs = 75_000

/** How long an appliance has said nothing, once that is longer than it should be; undefined = it is heard, or never was. */
export function silentMs(
  { isOnline }: { readonly isOnline: boolean },
  lastSeenMs: number | null,
  nowMs: number,
): number | undefined {
  if (lastSeenMs === null) return undefined
  const ms = nowMs - lastSeenMs
  return ms > (isOnline ? quietOnlineMs : quietOfflineMs) ? ms : undefined
}

/** Monday to Sunday, short. */
export function weekdayNames(): string[] {
  const { format } = new Intl.DateTimeFormat(language.locale, { weekday: 'short', timeZone: 'UTC' })
  const mondayMs = Date.UTC(2024, 0, 1)
  return Array.from({ length: 7 }, (_, day) => format(mondayMs + day * 24 * 3_600_000))
}
