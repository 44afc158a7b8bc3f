import type { Helpdesk } from './helpdesk.ts'
import type { OutboxStore } from './outbox-store.ts'

/** Between which steps of carrying an operation out a process dies. */
export const crashPoints = ['before-claim', 'after-claim', 'after-send', 'after-settle'] as const
export type CrashPoint = (typeof crashPoints)[number]

/** Store and helpdesk of a process that dies at the point: nothing of it ever goes on. */
export function dyingAt(point: CrashPoint, store: OutboxStore, helpdesk: Helpdesk) {
  const died = Promise.withResolvers<void>()
  const never = new Promise<never>(() => undefined)
  let isDead = false
  const die = (): Promise<never> => {
    isDead = true
    died.resolve()
    return never
  }
  const alive = <Value>(work: () => Promise<Value>): Promise<Value> => (isDead ? never : work())
  const send = <Value>(work: () => Promise<Value>) =>
    alive(async () => {
      const value = await work()
      return point === 'after-send' ? die() : value
    })
  return {
    died: died.promise,
    store: {
      ...store,
      due: (...args) => alive(() => store.due(...args)),
      nextDueAtMs: (...args) => alive(() => store.nextDueAtMs(...args)),
      claim: (...args) =>
        alive(async () => {
          if (point === 'before-claim') return die()
          const row = await store.claim(...args)
          return point === 'after-claim' ? die() : row
        }),
      settle: (...args) =>
        alive(async () => {
          await store.settle(...args)
          if (point === 'after-settle') await die()
        }),
    } satisfies OutboxStore,
    helpdesk: {
      ...helpdesk,
      open: (...args) => send(() => helpdesk.open(...args)),
      update: (...args) => send(() => helpdesk.update(...args)),
      recover: (...args) => send(() => helpdesk.recover(...args)),
    } satisfies Helpdesk,
  }
}
