import type { EpochMs, MonotonicMs } from '@proactive/shared'
import type { ClockTrust, Scheduler, Stop } from '../../agent/src/ports/index.ts'

/** One life of the simulated appliance, from power on to power off: its clocks, and everything that ends with it. */
export interface Machine extends Scheduler, ClockTrust {
  readonly isAlive: boolean
  /** When this life began, on the world's monotonic clock. */
  readonly bootedAtMono: MonotonicMs
  /** Power off or kill: no task of this life runs any more, no answer reaches it. */
  kill(): void
  /** Called once, when this life ends. */
  onEnd(listener: () => void): Stop
}

/** The appliance's wall clock: it has no battery, so after a loss of power it may begin in 1970 until a time server is heard. */
export interface WallClock {
  /** Wall time minus true time now. */
  errorMs(): number
  isTrusted(): boolean
}

/** A wall clock that is right and known to be. */
export const rightClock: WallClock = { errorMs: () => 0, isTrusted: () => true }

/** A wall clock that begins at `wallAtBootMs` and jumps to the true time `syncAfterMs` later. */
export function createLateClock(
  world: Scheduler,
  options: { readonly wallAtBootMs: EpochMs; readonly syncAfterMs: number },
): WallClock {
  const bootErrorMs = options.wallAtBootMs - world.nowMs()
  const syncAtMono = world.monotonicMs() + options.syncAfterMs
  const isSynced = () => world.monotonicMs() >= syncAtMono
  return { errorMs: () => (isSynced() ? 0 : bootErrorMs), isTrusted: isSynced }
}

export function createMachine(world: Scheduler, wallClock: WallClock): Machine {
  const bootedAtMono = world.monotonicMs()
  const stops = new Set<Stop>()
  const enders = new Set<() => void>()
  let isAlive = true
  return {
    bootedAtMono,
    get isAlive() {
      return isAlive
    },
    nowMs: () => world.nowMs() + wallClock.errorMs(),
    monotonicMs: () => world.monotonicMs() - bootedAtMono,
    isTrusted: () => wallClock.isTrusted(),
    after: (delayMs, task) =>
      world.after(delayMs, () => {
        if (isAlive) task()
      }),
    every(periodMs, task) {
      const stop = world.every(periodMs, () => {
        if (isAlive) task()
      })
      stops.add(stop)
      return () => {
        stops.delete(stop)
        stop()
      }
    },
    onEnd(listener) {
      enders.add(listener)
      return () => void enders.delete(listener)
    },
    kill() {
      if (!isAlive) return
      isAlive = false
      for (const end of enders) end()
      for (const stop of stops) stop()
      stops.clear()
    },
  }
}
