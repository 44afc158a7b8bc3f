import type { MaintenanceWindow, Silence } from '@proactive/shared/http'
import { fromLocalText, toLocalText } from './local-time.ts'

/** A stretch of planned quiet on the time axis. */
export interface Stretch {
  readonly fromMs: number
  readonly toMs: number
}
const dayMs = 86_400_000
const minuteMs = 60_000
const most = 40

/**
 * When planned work went or goes on within a time. Of a crontab only the window that goes on now is known to the page. Pure.
 * @param timeZone the Location's
 */
export function occurrencesOf(
  { schedule, createdAtMs, endedAtMs, activeToMs }: MaintenanceWindow,
  span: Stretch,
  timeZone: string,
): Stretch[] {
  const all: Stretch[] = []
  if (schedule.kind === 'once') all.push({ fromMs: schedule.fromMs, toMs: schedule.toMs })
  else if (schedule.kind === 'weekly') {
    for (let ms = span.fromMs - dayMs; ms <= span.toMs && all.length < most; ms += dayMs) {
      const date = toLocalText(ms, timeZone).slice(0, 10)
      const weekday = new Date(`${date}T00:00Z`).getUTCDay() || 7
      const fromMs = fromLocalText(`${date}T${schedule.from}`, timeZone)
      if (fromMs !== undefined && schedule.weekdays.includes(weekday))
        all.push({ fromMs, toMs: fromMs + schedule.lastsMinutes * minuteMs })
    }
  } else if (activeToMs !== null)
    all.push({ fromMs: activeToMs - schedule.lastsMinutes * minuteMs, toMs: activeToMs })
  return all
    .map(({ fromMs, toMs }) => ({
      fromMs: Math.max(fromMs, schedule.kind === 'once' ? fromMs : createdAtMs),
      toMs: Math.min(toMs, endedAtMs ?? Infinity),
    }))
    .filter(({ fromMs, toMs }) => toMs > fromMs && toMs >= span.fromMs && fromMs <= span.toMs)
}

/** As {@link occurrencesOf}, for a silence. */
export function silentTime({ fromMs, untilMs, endedAtMs }: Silence, span: Stretch): Stretch[] {
  const toMs = Math.min(untilMs, endedAtMs ?? Infinity)
  return toMs >= span.fromMs && fromMs <= span.toMs ? [{ fromMs, toMs }] : []
}
