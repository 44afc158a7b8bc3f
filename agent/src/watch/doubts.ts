import { createLately } from '../core/lately.ts'
import type { Stop } from '../ports/index.ts'
import { profileOf } from '../rules/profiles.ts'
import type { WatchContext } from './context.ts'

/** Addresses that the kernel began to doubt. */
export interface Doubts {
  /** Is asked about soon, together with others; once in a while only, however often it is doubted. */
  add(ip: string): void
  stop(): void
}

/** What was confirmed in one sweep grows stale together: one question for all of them. */
const gatherMs = 30
/** Two devices at one address make the kernel doubt it again and again. */
const doubtedFor = { forMs: 10_000, most: 1_024 }

/** `onAsked` is told the devices about whom the kernel was made to ask. */
export function createDoubts(
  { scheduler, inventory, budget, lan, log }: WatchContext,
  onAsked: (deviceIds: readonly string[]) => void,
): Doubts {
  const doubted = createLately(doubtedFor, () => scheduler.monotonicMs())
  const gathered = new Set<string>()
  let stopGather: Stop | undefined

  function ask(): void {
    const asked = [...gathered].flatMap((ip) => {
      const device = inventory.byIp(ip)
      return device !== undefined && budget.take(profileOf(device).class, 1) ? [{ ip, id: device.id }] : []
    })
    gathered.clear()
    lan.poke(asked.map(({ ip }) => ip)).catch((err: unknown) => log.debug({ err }, 'a poke failed'))
    onAsked(asked.map(({ id }) => id))
  }

  return {
    add(ip) {
      if (doubted.has(ip)) return
      doubted.note(ip)
      gathered.add(ip)
      stopGather ??= scheduler.after(gatherMs, () => {
        stopGather = undefined
        ask()
      })
    },
    stop: () => stopGather?.(),
  }
}
