/** How long to wait before try number `attempt` (1, 2, …): exponential with full jitter, the first within a second. */
export function backoffMs(attempt: number, chance: number): number {
  const ceiling = Math.min(maxWaitMs, firstWaitMs * 2 ** Math.max(0, attempt - 1))
  return Math.round(minWaitMs + (ceiling - minWaitMs) * chance)
}

const minWaitMs = 200
const firstWaitMs = 1_000
const maxWaitMs = 15_000
