import { isInsideAny } from '../core/networks.ts'
import type { ArpAnswer, Stop } from '../ports/index.ts'
import { type ProbeClass, profileOf } from '../rules/profiles.ts'
import type { LinkAsker } from './ask-link.ts'
import { evidenceOf, type WallClock, type WatchContext } from './context.ts'

/** Watches for two machines with one address. Needs raw ARP: the kernel's table shows only the last one that spoke. */
export interface ConflictWatch {
  start(): Stop
  /** Another MAC than the known one answered for this address. */
  suspect(ip: string): void
}

interface Tally {
  macs: string[]
  hits: number
  clears: number
  isActive: boolean
}

const periodMs = 60_000
const recheckMs = 1_500
const hitsToTell = 2
const clearsToTell = 3
const maxWatched = 256

export function createConflictWatch(context: WatchContext, asker: LinkAsker, wall: WallClock): ConflictWatch {
  const { scheduler, inventory, arp, log } = context
  const tallyByIp = new Map<string, Tally>()
  const pending = new Map<string, Stop>()
  const payer = (ip: string): ProbeClass => {
    const device = inventory.byIp(ip)
    return device === undefined ? 'other' : profileOf(device).class
  }
  let isStopped = false

  function take(answers: readonly ArpAnswer[], asked: readonly string[]): void {
    const macsByIp = new Map<string, string[]>()
    for (const { ip, mac } of answers) {
      const macs = macsByIp.get(ip)
      if (macs === undefined) macsByIp.set(ip, [mac])
      else if (!macs.includes(mac)) macs.push(mac)
    }
    for (const ip of asked) {
      const macs = macsByIp.get(ip)?.sort() ?? []
      const tally = tallyByIp.get(ip)
      if (macs.length >= 2) note(ip, macs, tally)
      else if (macs.length === 1 && tally !== undefined) clear(ip, tally)
    }
  }

  function note(
    ip: string,
    macs: string[],
    tally: Tally = { macs, hits: 0, clears: 0, isActive: false },
  ): void {
    if (tallyByIp.size >= maxWatched && !tallyByIp.has(ip)) return
    tallyByIp.set(ip, tally)
    tally.macs = macs.slice(0, 8)
    tally.hits++
    tally.clears = 0
    if (tally.isActive) return
    if (tally.hits < hitsToTell) {
      suspect(ip)
      return
    }
    tally.isActive = true
    tell(ip, tally)
  }

  function clear(ip: string, tally: Tally): void {
    tally.hits = 0
    tally.clears++
    if (tally.clears < clearsToTell) {
      if (tally.isActive) suspect(ip)
      return
    }
    tallyByIp.delete(ip)
    if (!tally.isActive) return
    tally.isActive = false
    tell(ip, tally)
  }

  function tell(ip: string, { macs, isActive }: Tally): void {
    log.info({ ip, macs, isActive }, 'an address conflict changed')
    const atMs = wall()
    const evidence = macs.map((mac) => evidenceOf('arp', ip, 'reply', atMs, mac)).slice(0, 8)
    context.observe({ type: 'ip-conflict', ip, macs, isActive, evidence })
  }

  function suspect(ip: string): void {
    if (!arp.isAvailable() || pending.has(ip) || isStopped) return
    const stop = scheduler.after(recheckMs, () => {
      pending.delete(ip)
      if (context.budget.take(payer(ip), 1)) askQuietly([ip])
    })
    pending.set(ip, stop)
  }

  function askQuietly(ips: readonly string[]): void {
    asker.ask(ips).catch((err: unknown) => log.debug({ err }, 'addresses could not be checked for conflicts'))
  }

  asker.onAnswers(take)
  return {
    start() {
      const stopEvery = scheduler.every(periodMs, () => {
        if (!arp.isAvailable()) return
        const ips = inventory
          .devices()
          .flatMap(({ ips: own }) => own[0] ?? [])
          .filter((ip) => isInsideAny(context.plan().networks, ip))
          .slice(0, maxWatched)
        for (const ip of ips) context.budget.spend(payer(ip), 1)
        askQuietly(ips)
      })
      return () => {
        isStopped = true
        stopEvery()
        for (const stop of pending.values()) stop()
      }
    },
    suspect,
  }
}
