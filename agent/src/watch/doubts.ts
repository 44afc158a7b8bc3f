import type { MonotonicMs } from '@proactive/shared'
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
const againMs = 10_000
const most = 1_024

/** `onAsked` is told the devices about whom the kernel was made to ask. */
export function createDoubts(
  { scheduler, inventory, budget, lan, log }: WatchContext,
  onAsked: (deviceIds: readonly string[]) => void,
): Doubts {
  const addedAtMono = new Map<string, MonotonicMs>()
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
      const nowMono = scheduler.monotonicMs()
      if (nowMono - (addedAtMono.get(ip) ?? Number.NEGATIVE_INFINITY) < againMs) return
      addedAtMono.delete(ip)
      addedAtMono.set(ip, nowMono)
      if (addedAtMono.size > most) addedAtMono.delete(addedAtMono.keys().next().value ?? '')
      gathered.add(ip)
      stopGather ??= scheduler.after(gatherMs, () => {
        stopGather = undefined
        ask()
      })
    },
    stop: () => stopGather?.(),
  }
}
