/** Readers that wait for something new. */
export interface Waiters {
  /** Grows with each wake. Taken before looking, so that what comes between looking and waiting is not slept through. */
  readonly version: number
  wake(): void
  /** Resolves at once when `version` has moved on since `seen`, else at the next wake or when the signal aborts. */
  wait(seen: number, signal: AbortSignal): Promise<void>
}

export function createWaiters(): Waiters {
  const waiting = new Set<() => void>()
  let version = 0
  return {
    get version() {
      return version
    },
    wake() {
      version++
      const woken = [...waiting]
      waiting.clear()
      for (const go of woken) go()
    },
    wait(seen, signal) {
      if (signal.aborted || seen !== version) return Promise.resolve()
      return new Promise((resolve) => {
        const go = () => {
          signal.removeEventListener('abort', go)
          waiting.delete(go)
          resolve()
        }
        signal.addEventListener('abort', go)
        waiting.add(go)
      })
    },
  }
}
