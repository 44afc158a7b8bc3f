import type { DeviceEvidence, DeviceRole } from '@proactive/shared'
import { hostnameRules, sysDescrRules, type TextRule, vendorClassRules } from '../rules/sys-descr.ts'
import { roleOfVendor, routerVendors } from '../rules/vendors.ts'

/** What the agent would say a device is. A model only where a device's own words carry it. */
export interface ProductGuess {
  readonly role: DeviceRole
  readonly vendor?: string
  readonly model?: string
  readonly name?: string
  readonly serial?: string
  /** 0..1, of role and product together. */
  readonly confidence: number
}

const unknownConfidence = 0.1
const gatewayConfidence = 0.9

/** Guesses from the evidence collected so far. Pure: the same evidence gives the same guess; what fits best wins, not what came last. */
export function guessProduct(evidence: readonly DeviceEvidence[], isGateway: boolean): ProductGuess {
  const said = (key: string) => evidence.find((item) => item.key === key)?.value
  const candidates: { role?: DeviceRole; vendor?: string; model?: string; confidence: number }[] = []

  const oui = said('vendor')
  if (oui !== undefined) candidates.push({ vendor: oui, ...(roleOfVendor(oui) ?? { confidence: 0.3 }) })
  for (const [text, rules] of [
    [said('sysDescr'), sysDescrRules],
    [said('vendorClass'), vendorClassRules],
    [said('hostname'), hostnameRules],
  ] as const) {
    const match = text === undefined ? undefined : firstMatch(text, rules)
    if (match !== undefined) candidates.push(match)
  }
  if (isGateway) {
    const isKnownMaker = oui !== undefined && routerVendors.has(oui)
    const role = oui !== undefined && roleOfVendor(oui)?.role === 'firewall' ? 'firewall' : 'router'
    candidates.push({ role, confidence: isKnownMaker ? gatewayConfidence : gatewayConfidence - 0.1 })
  }

  const ranked = [...candidates].sort((a, b) => b.confidence - a.confidence)
  const role = ranked.find((candidate) => candidate.role !== undefined)
  // What the device says about itself outranks the maker of its network chip.
  const vendor = ranked.find((candidate) => candidate.vendor !== undefined)?.vendor
  const model = ranked.find((candidate) => candidate.model !== undefined)?.model
  const name = said('sysName') ?? said('hostname') ?? said('ptr')
  const serial = said('serial')
  return {
    role: role?.role ?? 'unknown',
    ...(vendor === undefined ? {} : { vendor }),
    ...(model === undefined ? {} : { model }),
    ...(name === undefined || name === '' ? {} : { name }),
    ...(serial === undefined ? {} : { serial }),
    confidence: role?.confidence ?? (vendor === undefined ? unknownConfidence : 0.3),
  }
}

function firstMatch(text: string, rules: readonly TextRule[]) {
  for (const { pattern, vendor, role, hasModel, confidence } of rules) {
    const match = pattern.exec(text)
    if (match === null) continue
    const model = hasModel ? match[1]?.trim() : undefined
    return {
      ...(role === undefined ? {} : { role }),
      ...(vendor === undefined ? {} : { vendor }),
      ...(model === undefined ? {} : { model }),
      confidence,
    }
  }
  return undefined
}
