import type { MonotonicMs } from '@proactive/shared'
import type { Neighbor, NeighborState } from '../../agent/src/ports/index.ts'
import type { Machine } from './machine.ts'
import type { SeededRandom } from './random.ts'
import type { VirtualPaths } from './virtual-paths.ts'
import { isLanAddress } from './virtual-paths.ts'

/** The appliance kernel's neighbor table (RFC 4861 §7.3.2, with Linux's waiting times). */
export interface VirtualNeighbors {
  /** Something was sent to these addresses: the kernel asks for whom it does not know or has not heard lately. */
  used(ips: readonly string[]): void
  list(): readonly Neighbor[]
  /** Link lost: Linux forgets the neighbors behind it. */
  clear(): void
  /** So much time was leapt over: whoever is still there was asked now and then, and so were all others, in vain. */
  age(byMs: number): void
  /** Tells each change of an entry that `ip monitor neigh` would print. */
  onChange(listener: (neighbor: Neighbor) => void): void
}

/** Linux: base_reachable_time 30 s, spread over 15–45 s. */
const reachableMs = { from: 15_000, to: 45_000 }
/** delay_first_probe_time. */
const delayMs = 5_000
/** retrans_time, and how many requests are tried. */
const retryMs = 1_000
const tries = 3
/** Failed entries are collected some time after. */
const forgetFailedMs = 60_000
/** The agent's sweeps make the kernel ask for every address. */
const askedAtLeastEachMs = 300_000

interface Entry {
  mac: string | undefined
  confirmedAtMono: MonotonicMs
  reachableForMs: number
  failedAtMono: MonotonicMs | undefined
  /** As it was listed last; a whole /24 is listed again and again. */
  told?: Neighbor
  /** Requests are under way, or will be after the delay. */
  isChecking: boolean
}

export function createVirtualNeighbors(options: {
  readonly machine: Machine
  readonly paths: VirtualPaths
  readonly random: SeededRandom
  readonly interfaceName: string
  /** Whether it tells when an entry becomes stale, as Linux does: a timer for each, so only where somebody listens to that. */
  readonly tellsDoubt: boolean
}): VirtualNeighbors {
  const { machine, paths, random, interfaceName, tellsDoubt } = options
  const entryByIp = new Map<string, Entry>()
  let tell: (neighbor: Neighbor) => void = () => undefined

  function neighborOf(ip: string, entry: Entry, state: NeighborState): Neighbor {
    const { told, mac } = entry
    if (told?.state === state && told.mac === mac) return told
    const neighbor = { ip, interface: interfaceName, state, ...(mac === undefined ? {} : { mac }) }
    entry.told = neighbor
    return neighbor
  }

  const isReachable = (entry: Entry) =>
    entry.mac !== undefined && machine.monotonicMs() - entry.confirmedAtMono <= entry.reachableForMs

  function stateOf(entry: Entry): NeighborState {
    if (entry.failedAtMono !== undefined && !entry.isChecking) return 'failed'
    if (entry.mac === undefined) return 'incomplete'
    if (isReachable(entry)) return 'reachable'
    return entry.isChecking ? 'probe' : 'stale'
  }

  function confirm(ip: string, entry: Entry, mac: string): void {
    entry.mac = mac
    entry.confirmedAtMono = machine.monotonicMs()
    entry.reachableForMs = random.between(reachableMs.from, reachableMs.to)
    entry.failedAtMono = undefined
    entry.isChecking = false
    tell(neighborOf(ip, entry, 'reachable'))
    if (tellsDoubt) machine.after(entry.reachableForMs + 1, () => doubt(ip, entry))
  }

  function doubt(ip: string, entry: Entry): void {
    if (entryByIp.get(ip) === entry && stateOf(entry) === 'stale') tell(neighborOf(ip, entry, 'stale'))
  }

  /** One request to each of these addresses; whoever is silent is asked again a second later, three times in all. */
  function ask(ips: readonly string[], triesLeft: number): void {
    const silent: string[] = []
    for (const ip of ips) {
      const entry = entryByIp.get(ip)
      if (entry === undefined || !entry.isChecking) continue
      const answers = paths.arpAnswers(ip)
      if (answers.length > 0) confirm(ip, entry, random.pick(answers).spec.mac)
      else silent.push(ip)
    }
    if (silent.length === 0) return
    machine.after(retryMs, () => {
      if (triesLeft > 1) ask(silent, triesLeft - 1)
      else for (const ip of silent) fail(ip)
    })
  }

  function fail(ip: string): void {
    const entry = entryByIp.get(ip)
    if (entry === undefined || !entry.isChecking) return
    entry.isChecking = false
    entry.mac = undefined
    entry.failedAtMono = machine.monotonicMs()
    tell(neighborOf(ip, entry, 'failed'))
  }

  return {
    used(ips) {
      let unknown: string[] | undefined
      for (const ip of ips) {
        const entry = entryByIp.get(ip)
        if (entry === undefined) {
          if (!isLanAddress(ip) || !paths.hasRoute(ip)) continue
          entryByIp.set(ip, {
            mac: undefined,
            confirmedAtMono: 0,
            reachableForMs: 0,
            failedAtMono: undefined,
            isChecking: true,
          })
        } else {
          if (entry.isChecking || isReachable(entry)) continue
          entry.isChecking = true
          if (entry.mac !== undefined) {
            machine.after(delayMs, () => ask([ip], tries))
            continue
          }
        }
        unknown ??= []
        unknown.push(ip)
      }
      if (unknown === undefined) return
      const ask1 = unknown
      machine.after(1, () => ask(ask1, tries))
    },
    list() {
      const forgetBefore = machine.monotonicMs() - forgetFailedMs
      const found: Neighbor[] = []
      for (const [ip, entry] of entryByIp) {
        if (entry.failedAtMono !== undefined && !entry.isChecking && entry.failedAtMono < forgetBefore) {
          entryByIp.delete(ip)
        } else found.push(neighborOf(ip, entry, stateOf(entry)))
      }
      return found
    },
    clear: () => entryByIp.clear(),
    age(byMs) {
      for (const [ip, entry] of entryByIp) {
        if (entry.mac !== undefined && paths.to(ip)?.node?.spec.mac === entry.mac) continue
        entry.confirmedAtMono -= byMs
        if (entry.failedAtMono !== undefined) entry.failedAtMono -= byMs
        else if (byMs >= askedAtLeastEachMs && !entry.isChecking) {
          entry.mac = undefined
          entry.failedAtMono = machine.monotonicMs() - byMs
          tell(neighborOf(ip, entry, 'failed'))
        }
      }
    },
    onChange(listener) {
      tell = listener
    },
  }
}
