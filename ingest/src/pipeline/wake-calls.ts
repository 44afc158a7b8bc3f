import type { EpochMs } from '@proactive/shared'

/** Alarm clocks of many Locations; each rings once for a due time, and not again before it was heard. */
export interface WakeCalls {
  /** The Location wants to be woken then; null = not at all. Replaces what it wanted before. */
  set(locationId: string, dueAtMs: EpochMs | null): void
  /** The call for this Location was heard: the next may be made. */
  heard(locationId: string): void
  stop(): void
}

export interface WakeCallsOptions {
  readonly nowMs: () => EpochMs
  /** Makes the call; a rejection is tried again. */
  readonly call: (locationId: string) => Promise<void>
  readonly onFailure: (locationId: string, error: unknown) => void
}

interface Alarm {
  dueAtMs: EpochMs | null
  timer: NodeJS.Timeout | undefined
  /** A call was made and not heard yet. */
  isCalling: boolean
  /** Due time that was called last: the same one again waits, so that a Location that wakes for nothing does not wake for ever. */
  calledForMs: EpochMs | null
}

const longestTimerMs = 3_600_000
const retryMs = 1_000

export function createWakeCalls({ nowMs, call, onFailure }: WakeCallsOptions): WakeCalls {
  const alarms = new Map<string, Alarm>()

  function arm(locationId: string, alarm: Alarm): void {
    clearTimeout(alarm.timer)
    alarm.timer = undefined
    if (alarm.dueAtMs === null || alarm.isCalling) return
    // One millisecond late rather than one early: the log's stamp must have reached the due time.
    const dueInMs = Math.max(alarm.dueAtMs - nowMs() + 1, 0)
    const delayMs = alarm.dueAtMs === alarm.calledForMs ? Math.max(dueInMs, retryMs) : dueInMs
    alarm.timer = setTimeout(() => ring(locationId, alarm), Math.min(delayMs, longestTimerMs))
  }

  function ring(locationId: string, alarm: Alarm): void {
    if (alarm.dueAtMs === null) return
    if (nowMs() < alarm.dueAtMs) {
      arm(locationId, alarm)
      return
    }
    alarm.isCalling = true
    alarm.calledForMs = alarm.dueAtMs
    call(locationId).catch((error: unknown) => {
      onFailure(locationId, error)
      alarm.isCalling = false
      arm(locationId, alarm)
    })
  }

  return {
    set(locationId, dueAtMs) {
      const alarm = alarms.get(locationId)
      if (alarm === undefined) {
        if (dueAtMs === null) return
        const made: Alarm = { dueAtMs, timer: undefined, isCalling: false, calledForMs: null }
        alarms.set(locationId, made)
        arm(locationId, made)
      } else if (alarm.dueAtMs !== dueAtMs) {
        alarm.dueAtMs = dueAtMs
        arm(locationId, alarm)
      }
    },
    heard(locationId) {
      const alarm = alarms.get(locationId)
      if (alarm === undefined) return
      alarm.isCalling = false
      arm(locationId, alarm)
    },
    stop() {
      for (const alarm of alarms.values()) clearTimeout(alarm.timer)
      alarms.clear()
    },
  }
}
