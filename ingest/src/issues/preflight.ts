import { setTimeout as delay } from 'node:timers/promises'
import type { Helpdesk } from './helpdesk.ts'

const maxPauseMs = 5 * 60_000

/** Looks at the start whether the helpdesk is set up for us, again while it is not. */
export function followPreflight(
  helpdesk: Pick<Helpdesk, 'preflight'>,
  onChange: (problems: readonly string[]) => void,
  { firstPauseMs = 2_000 }: { readonly firstPauseMs?: number } = {},
) {
  const stopping = new AbortController()
  let problems: readonly string[] = []
  let told: string | undefined
  let running: Promise<void> = Promise.resolve()

  async function follow(): Promise<void> {
    let looks = 0
    for (let pauseMs = firstPauseMs; !stopping.signal.aborted; pauseMs = Math.min(pauseMs * 2, maxPauseMs)) {
      looks += 1
      // Programs that start together find each other at the second look; that is no news.
      if ((await look(stopping.signal, looks > 1)).length === 0) return
      await delay(pauseMs, undefined, { signal: stopping.signal })
    }
  }

  async function look(signal: AbortSignal, isBadNews: boolean): Promise<readonly string[]> {
    const verdict = await helpdesk.preflight(signal)
    problems = verdict.ok ? [] : verdict.problems
    if ((verdict.ok || isBadNews) && told !== JSON.stringify(problems)) {
      told = JSON.stringify(problems)
      onChange(problems)
    }
    return problems
  }

  return {
    start() {
      // Ends by itself when all is well; rejects only when it is stopped.
      running = follow().catch(() => undefined)
    },
    problems: () => problems,
    /** Looks now, for a person who asks; rejects only where `signal` aborts. */
    look: (signal: AbortSignal) => look(AbortSignal.any([signal, stopping.signal]), true),
    async stop() {
      stopping.abort()
      await running
    },
  }
}
