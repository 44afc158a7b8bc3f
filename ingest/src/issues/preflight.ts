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
      const verdict = await helpdesk.preflight(stopping.signal)
      problems = verdict.ok ? [] : verdict.problems
      looks += 1
      // Programs that start together find each other at the second look; that is no news.
      if ((verdict.ok || looks > 1) && told !== JSON.stringify(problems)) {
        told = JSON.stringify(problems)
        onChange(problems)
      }
      if (verdict.ok) return
      await delay(pauseMs, undefined, { signal: stopping.signal })
    }
  }

  return {
    start() {
      // Ends by itself when all is well; rejects only when it is stopped.
      running = follow().catch(() => undefined)
    },
    problems: () => problems,
    async stop() {
      stopping.abort()
      await running
    },
  }
}
