import type { EpochMs, MonotonicMs } from '@proactive/shared'

/** One reading of a device's sysUpTime (RFC 3418): hundredths of a second, modulo 2³². */
export interface UptimeReading {
  readonly atMono: MonotonicMs
  readonly uptimeMs: number
}

const wrapMs = 2 ** 32 * 10
/** Readings are taken over a network; this much disagreement is no restart. */
const slackMs = 5_000

/** Whether the device restarted between two readings: its uptime is less than it must be by now, and did not just wrap. */
export function hasRestarted(before: UptimeReading, now: UptimeReading): boolean {
  const expectedMs = before.uptimeMs + (now.atMono - before.atMono)
  if (now.uptimeMs >= expectedMs - slackMs) return false
  const wrappedMs = expectedMs - wrapMs
  return !(wrappedMs >= -slackMs && Math.abs(now.uptimeMs - wrappedMs) <= slackMs)
}

/** When the device started, on the wall clock. */
export function bootTimeMs(reading: UptimeReading, wallAtReadingMs: EpochMs): EpochMs {
  return wallAtReadingMs - reading.uptimeMs
}
