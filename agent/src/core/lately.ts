import type { MonotonicMs } from '@proactive/shared'

/** Keys that were noted a while ago at most. */
export interface Lately {
  note(key: string): void
  forget(key: string): void
  has(key: string): boolean
}

/** `forMs` = how long a key counts as noted; `most` = so many are remembered, the oldest are forgotten first. */
export function createLately(
  { forMs, most }: { readonly forMs: number; readonly most: number },
  nowMono: () => MonotonicMs,
): Lately {
  const notedAtMono = new Map<string, MonotonicMs>()
  const isOver = (atMono: MonotonicMs) => nowMono() - atMono >= forMs
  return {
    note(key) {
      notedAtMono.delete(key)
      notedAtMono.set(key, nowMono())
      for (const [oldest, atMono] of notedAtMono) {
        if (notedAtMono.size <= most && !isOver(atMono)) return
        notedAtMono.delete(oldest)
      }
    },
    forget: (key) => void notedAtMono.delete(key),
    has(key) {
      const atMono = notedAtMono.get(key)
      return atMono !== undefined && !isOver(atMono)
    },
  }
}
