import type { MonotonicMs } from '@proactive/shared'

/** Work that others wait behind: each piece has a deadline of its own, and this is the judge over all of them. */
export interface Pulse {
  /** Watches this piece of work until it settles; hands it on as it is. */
  watch<T>(name: string, mostMs: number, work: Promise<T>): Promise<T>
  /** The piece that is not done long after it should be; undefined = all goes on. */
  stuck(): string | undefined
}

export function createPulse(nowMono: () => MonotonicMs): Pulse {
  const running = new Set<{ readonly name: string; readonly untilMono: MonotonicMs }>()
  return {
    watch(name, mostMs, work) {
      const piece = { name, untilMono: nowMono() + mostMs }
      running.add(piece)
      const end = () => void running.delete(piece)
      work.then(end, end)
      return work
    },
    stuck() {
      for (const { name, untilMono } of running) if (nowMono() > untilMono) return name
      return undefined
    },
  }
}
