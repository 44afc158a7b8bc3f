import type { DeviceEvidence, EpochMs } from '@proactive/shared'
import {
  changesOf,
  findReplaced,
  findSame,
  identityRules,
  isOtherUnit,
  ofKind,
  traitsOf,
  unitName,
} from './identity.ts'
import type { Sighting } from './inventory.ts'
import { describeEntry, type Entry, limits, registryEvidence, slotOf } from './inventory-entry.ts'
import type { Register } from './inventory-register.ts'

/** Puts a fact beside the others of its device; false where there is no room for another kind. */
export function setEvidence(entry: Entry, evidence: DeviceEvidence): boolean {
  const slot = slotOf(evidence)
  if (!entry.evidence.has(slot)) {
    const { source } = evidence
    const beside = [...entry.evidence.values()].filter((one) => one.source === source).length
    if (entry.evidence.size >= limits.evidence || beside >= limits.evidenceOfSource) return false
  }
  entry.evidence.set(slot, evidence)
  return true
}

/** What newer evidence makes of one device: it moved, it is another known one, it stands in for one, it is another unit. */
export function settle(register: Register, entry: Entry, atMs: EpochMs): Sighting[] {
  const traits = traitsOf(entry.macs, [...entry.evidence.values()])
  if (isOtherUnit(entry.traits, traits)) return swapUnit(register, entry, atMs)
  const moves = changesOf(entry.traits, traits, atMs).filter(({ kind }) => kind === 'moved-port')
  for (const move of moves) register.happened(entry, move)
  if (traits.join('\n') !== entry.traits.join('\n')) {
    entry.traits = traits
    register.changed(entry)
  }
  const mine = register.knownOf(entry)
  const known = register.alike(traits, mine.ips).filter(({ id }) => register.byId(id) !== undefined)
  const twin = register.byId(findSame(known, entry, register.silenceOf)?.id)
  if (twin !== undefined) return [merge(register, entry, twin, atMs)]
  const isHere = register.silenceOf(entry.id) < identityRules.replacedAfterSilenceMs
  const gone =
    isHere && register.ageMs(entry) !== undefined && !isStandIn(entry)
      ? register.byId(findReplaced(known, mine, register.silenceOf)?.id)
      : undefined
  if (gone !== undefined && !register.isGateway(gone)) return [standIn(register, entry, gone, atMs)]
  return moves.map(({ before = '', after = '' }) => ({
    kind: 'moved',
    device: register.deviceOf(entry),
    from: `port ${before}`,
    to: `port ${after}`,
  }))
}

/** One stands in for one: a new terminal does not replace each silent one of its kind in turn. */
const isStandIn = (entry: Entry) => entry.history.some(({ kind }) => kind === 'replaced')

/** One that was silent long enough, and another unit in its place: the old one is kept in memory only. */
export function standIn(register: Register, entry: Entry, gone: Entry, atMs: EpochMs): Sighting {
  const [before, after] = [unitName(gone.traits, gone.id), unitName(entry.traits, entry.id)]
  register.happened(entry, { atMs, kind: 'replaced', before, after })
  register.happened(gone, { atMs, kind: 'replaced-by', before, after })
  register.remember(gone)
  const last = register.forget(gone)
  const ips = last.ips.length > 0 || gone.lastIp === undefined ? last.ips : [gone.lastIp]
  return { kind: 'replaced', device: register.deviceOf(entry), before: { ...last, ips } }
}

/** Another unit answers behind the same MAC: a terminal on its dock, a board in its case. */
function swapUnit(register: Register, entry: Entry, atMs: EpochMs): Sighting[] {
  const [mac] = entry.macs
  const ip = entry.ips[0] ?? entry.lastIp
  if (mac === undefined || ip === undefined || register.isGateway(entry)) return []
  // As it was known: its evidence is the new unit's already.
  const [serial] = ofKind(entry.traits, 'serial')
  const { serial: _, ...looks } = register.deviceOf(entry)
  const before = serial === undefined ? looks : { ...looks, serial: serial.slice('serial '.length) }
  const oldName = unitName(entry.traits, entry.id)
  register.remember(entry)
  register.forget(entry)
  const next = register.create(ip, mac, atMs, [...entry.evidence.values()])
  if (next === undefined) return [{ kind: 'refused' }]
  register.happened(next, { atMs, kind: 'replaced', before: oldName, after: unitName(next.traits, next.id) })
  return [{ kind: 'replaced', device: register.deviceOf(next), before }]
}

/** Two that were known apart are one: the older keeps its id, unless only the younger is the router or was named by people. */
function merge(register: Register, a: Entry, b: Entry, atMs: EpochMs): Sighting {
  const weight = (entry: Entry) => Number(register.isGateway(entry)) * 2 + Number(register.isNamed(entry))
  const isAOlder =
    weight(a) === weight(b)
      ? a.firstSeenMs < b.firstSeenMs || (a.firstSeenMs === b.firstSeenMs && a.alias < b.alias)
      : weight(a) > weight(b)
  const [kept, gone] = isAOlder ? [a, b] : [b, a]
  const [keptSilence, goneSilence] = [register.silenceOf(kept.id), register.silenceOf(gone.id)]
  const [fresh, stale] = keptSilence <= goneSilence ? [kept, gone] : [gone, kept]
  const areBothThere = Math.max(keptSilence, goneSilence) < identityRules.joinedAfterSilenceMs
  const ips = areBothThere ? [...new Set([...fresh.ips, ...stale.ips])] : [...fresh.ips]
  const macs = [...fresh.macs, ...stale.macs]
  const goneDevice = register.forget(gone)
  register.setMacs(kept, macs)
  register.setIps(kept, ips)
  for (const one of gone.evidence.values())
    if (!kept.evidence.has(slotOf(one)) || fresh === gone) setEvidence(kept, one)
  kept.seenAtMono = fresh.seenAtMono ?? stale.seenAtMono
  kept.traits = traitsOf(kept.macs, [...kept.evidence.values()])
  register.happened(kept, { atMs, kind: 'joined', before: gone.id })
  register.changed(kept)
  return { kind: 'merged', device: register.deviceOf(kept), gone: goneDevice }
}

/** Two made-up MACs that were taken for one device speak at the same time: they are two, and their name tells neither apart. */
export function splitOff(register: Register, entry: Entry, mac: string, ip: string, atMs: EpochMs): Sighting {
  register.setMacs(
    entry,
    entry.macs.filter((other) => other !== mac),
  )
  entry.sharesName = true
  const other = register.create(ip, mac, atMs, registryEvidence(mac))
  if (other === undefined) return { kind: 'refused' }
  other.sharesName = true
  register.happened(entry, { atMs, kind: 'split', after: other.id })
  register.happened(other, { atMs, kind: 'split', before: entry.id })
  return { kind: 'split', device: register.deviceOf(other), from: register.deviceOf(entry) }
}

/** What a stranger looks like before anybody takes it in. */
export function looksOf(ip: string, mac: string, evidence: readonly DeviceEvidence[]) {
  const { role, vendor, model } = describeEntry(
    {
      ...{
        alias: 1,
        id: '',
        firstSeenMs: 0,
        macs: [mac],
        ips: [ip],
        lastIp: undefined,
        ips6: [],
        traits: [],
      },
      ...{ sharesName: false, history: [], seenAtMono: undefined, missedBeforeMs: 0, isUnsynced: false },
      evidence: new Map(evidence.map((one) => [slotOf(one), one])),
    },
    false,
    undefined,
  )
  return {
    ...{ ip, mac, evidence, role },
    ...(vendor === undefined ? {} : { vendor }),
    ...(model === undefined ? {} : { model }),
  }
}
