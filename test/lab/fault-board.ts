import { type Effects, effectsOf } from './effects.ts'
import { type Fault, type FaultResult, faultSlot, parseFault } from './faults.ts'

/** The faults in force, and what changes them. One change at a time, in the order asked for. */
export interface FaultBoard {
  /** Resolves once the fault is in force; a fault that replaces one of its slot (`wan-loss 5` → `wan-loss 20`) takes over. */
  inject(name: string, args: readonly string[]): Promise<FaultResult>
  /** Resolves once it is mended. Without arguments it ends every fault of that name; `all` ends everything. */
  heal(name: string, args: readonly string[]): Promise<FaultResult>
  list(): { name: string; argument: string; sinceMs: number }[]
}

export function createFaultBoard(options: {
  readonly apply: (effects: Effects) => Promise<void>
  /** How long a passing fault lasts. */
  readonly durationMs: (fault: Fault) => number | undefined
  readonly onPassed: (fault: Fault) => void
  readonly onFailed: (cause: unknown) => void
  readonly nowMs: () => number
  /** Calls once, this much later; returns how to call it off. Default: this machine's timers. */
  readonly after?: (delayMs: number, task: () => void) => () => void
}): FaultBoard {
  interface Entry {
    readonly fault: Fault
    readonly sinceMs: number
    callOff?: () => void
  }
  const after = options.after ?? afterRealTime
  const entryBySlot = new Map<string, Entry>()
  let queue: Promise<unknown> = Promise.resolve()

  function inTurn<T>(change: () => Promise<T>): Promise<T> {
    const result = queue.then(change)
    queue = result.catch(() => undefined)
    return result
  }

  const applyAll = () => options.apply(effectsOf([...entryBySlot.values()].map((entry) => entry.fault)))

  async function end(slots: readonly string[]): Promise<void> {
    for (const slot of slots) {
      entryBySlot.get(slot)?.callOff?.()
      entryBySlot.delete(slot)
    }
    await applyAll()
  }

  return {
    inject: (name, args) =>
      inTurn(async () => {
        const parsed = parseFault(name, args)
        if (!parsed.ok) return parsed
        const { fault } = parsed
        const slot = faultSlot(fault)
        entryBySlot.get(slot)?.callOff?.()
        const entry: Entry = { fault, sinceMs: options.nowMs() }
        entryBySlot.set(slot, entry)
        try {
          await applyAll()
        } catch (cause) {
          entryBySlot.delete(slot)
          await applyAll()
          throw cause
        }
        const durationMs = options.durationMs(fault)
        if (durationMs !== undefined) {
          entry.callOff = after(durationMs, () => {
            inTurn(async () => {
              if (entryBySlot.get(slot) !== entry) return
              await end([slot])
              options.onPassed(fault)
            }).catch(options.onFailed)
          })
        }
        return { ok: true }
      }),
    heal: (name, args) =>
      inTurn(async () => {
        if (name !== 'all') {
          const parsed = parseFault(name, args)
          // Without its argument a fault is named well enough to be healed.
          if (!parsed.ok && (args.length > 0 || !isKnown(name))) return parsed
        }
        const slots = [...entryBySlot]
          .filter(([, { fault }]) => name === 'all' || fault.name === name)
          .filter(
            ([, { fault }]) =>
              args.length === 0 || fault.argument === args[0] || faultSlot(fault) === fault.name,
          )
          .map(([slot]) => slot)
        if (slots.length === 0 && name !== 'all') {
          const inForce = [...entryBySlot.values()].map(({ fault }) =>
            `${fault.name} ${fault.argument}`.trim(),
          )
          const reason = `${[name, ...args].join(' ')} is not in force; in force: ${inForce.join(', ') || 'nothing'}`
          return { ok: false, reason }
        }
        await end(slots)
        return { ok: true }
      }),
    list: () =>
      [...entryBySlot.values()].map(({ fault, sinceMs }) => ({
        name: fault.name,
        argument: fault.argument,
        sinceMs,
      })),
  }
}

function afterRealTime(delayMs: number, task: () => void): () => void {
  const timer = setTimeout(task, delayMs)
  return () => clearTimeout(timer)
}

function isKnown(name: string): boolean {
  const parsed = parseFault(name, [])
  return parsed.ok || !parsed.reason.startsWith('there is no fault')
}
