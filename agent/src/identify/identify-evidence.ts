import { type DeviceEvidence, type DeviceRole, deviceRoleSchema } from '@proactive/shared'
import { networkEvidenceRules } from '../rules/evidence/network.ts'
import { posRules } from '../rules/evidence/pos.ts'
import { printerEvidenceRules } from '../rules/evidence/printers.ts'
import type { EvidenceRule } from '../rules/evidence/rule.ts'
import { roleOfVendor, routerVendors } from '../rules/vendors.ts'
import { identifyBySnmp } from './identify-snmp.ts'
import { createSnmpFacts } from './snmp-facts.ts'
import type { Verdict } from './verdict.ts'

interface Candidate {
  readonly role?: DeviceRole
  readonly vendor?: string
  readonly model?: string
  readonly version?: string
  readonly serial?: string
  readonly confidence: number
  readonly because: string
}

const rules: readonly EvidenceRule[] = [...posRules, ...printerEvidenceRules, ...networkEvidenceRules]
/** Places of the rules that listen to a slot: a device says few things, and there are hundreds of rules. */
const placesBySlot = new Map<string, number[]>()
for (const [place, { from }] of rules.entries())
  for (const slot of from) placesBySlot.set(slot, [...(placesBySlot.get(slot) ?? []), place])

const unknownConfidence = 0.1
const gatewayConfidence = 0.9
/** A maker of network chips names its own hardware, not the product that it is built into. */
const makerConfidence = 0.3

const oidByKey: Readonly<Record<string, string>> = {
  sysDescr: '1.3.6.1.2.1.1.1.0',
  sysObjectId: '1.3.6.1.2.1.1.2.0',
  sysName: '1.3.6.1.2.1.1.5.0',
}

/**
 * What a device is by all that is known of it: maker's address block, DHCP, mDNS, SSDP, banners, ports, SNMP, and what a technician
 * confirmed. Pure; what fits best wins, not what came last.
 */
export function identifyByEvidence(evidence: readonly DeviceEvidence[], isGateway: boolean): Verdict {
  const maker = evidence.find(({ source, key }) => source === 'oui' && key === 'vendor')?.value
  const candidates: Candidate[] = [
    ...fromMaker(maker),
    ...rulesFor(evidence).flatMap((rule) => fromRule(rule, evidence, maker)),
    ...fromSnmp(evidence),
    ...fromPeople(evidence),
  ]
  if (isGateway) {
    const isRouterMaker = maker !== undefined && routerVendors.has(maker)
    const isFirewall = candidates.some(({ role, confidence }) => role === 'firewall' && confidence >= 0.6)
    candidates.push({
      role: isFirewall ? 'firewall' : 'router',
      confidence: isRouterMaker ? gatewayConfidence : gatewayConfidence - 0.1,
      because: 'it is the gateway of this network',
    })
  }
  const ranked = [...candidates].sort((a, b) => b.confidence - a.confidence)
  const role = ranked.find((one) => one.role !== undefined)
  // What the device says about itself outranks the maker of its network chip.
  const vendor = ranked.find((one) => one.vendor !== undefined)
  const ofVendor = (key: 'model' | 'version' | 'serial') =>
    ranked.find(
      (one) => one[key] !== undefined && (one.vendor === undefined || one.vendor === vendor?.vendor),
    )?.[key]
  const model = ofVendor('model')
  const version = ofVendor('version')
  const serial = ofVendor('serial') ?? evidence.find(({ key }) => key === 'serial')?.value
  const reasons = ranked.filter(({ confidence }) => confidence >= 0.3).map(({ because }) => because)
  return {
    role: role?.role ?? 'unknown',
    ...(vendor?.vendor === undefined ? {} : { vendor: vendor.vendor }),
    ...(model === undefined ? {} : { model }),
    ...(version === undefined ? {} : { version }),
    ...(serial === undefined ? {} : { serial }),
    confidence: role?.confidence ?? (vendor === undefined ? unknownConfidence : makerConfidence),
    evidence: [...new Set(reasons)].slice(0, 8),
  }
}

function fromMaker(maker: string | undefined): Candidate[] {
  if (maker === undefined) return []
  const usual = roleOfVendor(maker)
  return [
    {
      vendor: maker,
      ...(usual === undefined ? {} : { role: usual.role }),
      confidence: usual?.confidence ?? makerConfidence,
      because: `address block of ${maker}`,
    },
  ]
}

/** Rules that listen to anything of what was heard, in their order. */
function rulesFor(evidence: readonly DeviceEvidence[]): EvidenceRule[] {
  const slots = new Set(evidence.flatMap(({ source, key }) => [`${source} ${key}`, `${source} *`]))
  const places = new Set([...slots].flatMap((slot) => placesBySlot.get(slot) ?? []))
  return [...places].sort((a, b) => a - b).flatMap((place) => rules[place] ?? [])
}

function fromRule(
  rule: EvidenceRule,
  evidence: readonly DeviceEvidence[],
  maker: string | undefined,
): Candidate[] {
  if (rule.makerIs !== undefined && rule.makerIs !== maker) return []
  for (const { source, key, value } of evidence) {
    if (!rule.from.some((slot) => slot === `${source} ${key}` || slot === `${source} *`)) continue
    const found = rule.match.exec(value)
    if (found === null) continue
    const words = found.slice(1).filter((group) => group !== undefined && group !== '')
    return [
      {
        ...(rule.role === undefined ? {} : { role: rule.role }),
        ...(rule.vendor === undefined ? {} : { vendor: rule.vendor }),
        ...(rule.hasModel && words.length > 0 ? { model: words.join(' ') } : {}),
        confidence: rule.confidence,
        because: `${source} ${key} "${found[0].trim().slice(0, 60)}"`,
      },
    ]
  }
  return []
}

/** The system group as evidence carries it, and verdicts on further scalars that were read before. */
function fromSnmp(evidence: readonly DeviceEvidence[]): Candidate[] {
  const values = new Map<string, string>()
  for (const { source, key, value } of evidence) {
    const oid = oidByKey[key] ?? (/^1\.[\d.]+$/.test(key) ? key : undefined)
    if (source === 'snmp' && oid !== undefined) values.set(oid, value)
  }
  const said = (key: string) => evidence.find((one) => one.source === 'snmp' && one.key === key)?.value
  if (values.size === 0 || (values.size === 1 && values.has(oidByKey.sysName ?? ''))) return []
  const { evidence: because, role, ...verdict } = identifyBySnmp(createSnmpFacts(values))
  const model = said('model') ?? verdict.model
  const version = said('version') ?? verdict.version
  const serial = said('serial') ?? verdict.serial
  return [
    {
      ...verdict,
      ...(role === 'unknown' ? {} : { role }),
      ...(model === undefined ? {} : { model }),
      ...(version === undefined ? {} : { version }),
      ...(serial === undefined ? {} : { serial }),
      because: because.join('; '),
    },
  ]
}

/** What a technician confirmed or the configuration says stands above all guesses. */
function fromPeople(evidence: readonly DeviceEvidence[]): Candidate[] {
  return evidence.flatMap(({ source, key, value }) => {
    if (source !== 'technician' && source !== 'config') return []
    const because = `${source} says ${key} ${value}`
    const role = key === 'role' ? deviceRoleSchema.safeParse(value) : undefined
    if (role?.success) return [{ role: role.data, confidence: 1, because }]
    return key === 'vendor' || key === 'model' || key === 'serial'
      ? [{ [key]: value, confidence: 1, because }]
      : []
  })
}
