const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
type EndSignal = (typeof signals)[number]

/**
 * One Ctrl-C may arrive more than once: the terminal, or whoever signals the process group, reaches this program by itself, and what started it
 * (npm, the launcher under Node 20) passes the same signal on. What comes within this time is no second order.
 */
const echoMs = 2_000

interface EndRequests {
  on(signal: EndSignal, listener: () => void): unknown
}

/**
 * Resolves with a sentence at the first signal that asks to end. No signal is ever left to the default, which would end this program and leave its
 * children running; an impatient second one, later than an echo, calls `endAtOnce`, once.
 */
export function askedToEnd(
  source: EndRequests,
  endAtOnce: () => void,
  nowMs: () => number = () => performance.now(),
): Promise<string> {
  return new Promise((resolve) => {
    let askedAtMs: number | undefined
    let isAtOnce = false
    for (const signal of signals)
      source.on(signal, () => {
        if (askedAtMs === undefined) {
          askedAtMs = nowMs()
          resolve(`asked to end (${signal})`)
        } else if (!isAtOnce && nowMs() - askedAtMs > echoMs) {
          isAtOnce = true
          endAtOnce()
        }
      })
  })
}
