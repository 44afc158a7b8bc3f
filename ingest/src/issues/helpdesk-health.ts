/** Whether the helpdesk answers; the banner over the Locations while it does not. */
export interface HelpdeskHealth {
  readonly isReachable: boolean
  readonly sinceMs: number
  readonly reason?: string
}

/** Failures in a row until it counts as out of reach: a single lost answer is no news. */
const failuresUntilUnreachable = 3

export interface HealthTracker {
  current(): HelpdeskHealth
  succeeded(): void
  failed(reason: string): void
}

/** Follows the outcomes of all calls to the helpdesk; tells each change of state once. */
export function trackHealth(nowMs: () => number, onChange: (health: HelpdeskHealth) => void): HealthTracker {
  let failures = 0
  let health: HelpdeskHealth = { isReachable: true, sinceMs: nowMs() }
  const change = (next: HelpdeskHealth) => {
    health = next
    onChange(next)
  }
  return {
    current: () => health,
    succeeded() {
      failures = 0
      if (!health.isReachable) change({ isReachable: true, sinceMs: nowMs() })
    },
    failed(reason) {
      failures += 1
      if (failures >= failuresUntilUnreachable && health.isReachable) {
        change({ isReachable: false, sinceMs: nowMs(), reason })
      }
    },
  }
}
