import type { DeviceRole } from '@proactive/shared'
import { makerOf } from '../rules/enterprises.ts'
import { families } from '../rules/families/index.ts'
import type { ProductRule, Source } from '../rules/rule.ts'
import { identifyLoosely, ownWords } from './identify-loosely.ts'
import { ownSubtree } from './loose-kind.ts'
import { modelWords, versionWords } from './loose-words.ts'
import type { SnmpFacts } from './snmp-facts.ts'
import { readStandard, standardScalars } from './standard-mibs.ts'
import {
  descriptionOf,
  enterpriseOid,
  hasNoOwnWords,
  isToolkit,
  sysObjectId,
  withoutKernelLine,
} from './system-group.ts'
import { tidy, type Verdict } from './verdict.ts'

const enterprises = '1.3.6.1.4.1.'

const toolkitWeight = 2
/** Anything may run on net-snmp: that it is a server is no more than a guess. */
const toolkitConfidence = 0.4

interface Match {
  readonly vendor: string | undefined
  readonly rule: ProductRule
  readonly weight: number
  readonly reasons: readonly string[]
}

/** What a device is by its SNMP answers. Pure; the most specific rule that fits wins, the table's order breaks ties. */
export function identifyBySnmp(facts: SnmpFacts): Verdict {
  const objectId = enterpriseOid(facts.text(sysObjectId))
  const best = findBest(facts, objectId)
  if (best !== undefined && best.weight > toolkitWeight) return describe(best, facts, objectId)
  const assumed = objectId === undefined || isToolkit(objectId) ? ownSubtree(facts) : undefined
  const byOwnMib = assumed === undefined ? undefined : findBest(facts, assumed)
  if (assumed !== undefined && byOwnMib !== undefined && byOwnMib.weight > toolkitWeight)
    return describe(
      { ...byOwnMib, reasons: [`answers below ${enterprises}${assumed}`] },
      withoutKernelLine(facts),
      assumed,
    )
  // Anything may run on net-snmp: it is a plain host only where nothing says what else it is.
  const loose = identifyLoosely(facts, objectId)
  const isPlainHost = best !== undefined && loose.role === 'unknown' && hasNoOwnWords(facts)
  return isPlainHost ? describe(best, facts, objectId) : loose
}

function findBest(facts: SnmpFacts, objectId: string | undefined): Match | undefined {
  let best: Match | undefined
  for (const { vendor, lines } of families) {
    for (const rule of lines) {
      const match = fit(vendor, rule, facts, objectId)
      if (match !== undefined && match.weight > (best?.weight ?? 0)) best = match
    }
  }
  return best
}

/** One answer's worth: agents cut replies that do not fit a datagram (RFC 3416 §4.2.1). */
const maxScalars = 24

/**
 * What to ask a device next, knowing its system group: the scalars that its product line keeps model, version and serial in; for an
 * agent on a common toolkit, one scalar of each maker that is known to leave the toolkit's sysObjectID in place. Whole OIDs.
 */
export function scalarsToAsk(facts: SnmpFacts): readonly string[] {
  const objectId = enterpriseOid(facts.text(sysObjectId))
  const best = findBest(facts, objectId)
  const wanted: string[] = []
  if (best !== undefined && best.weight > toolkitWeight) {
    const { rule } = best
    const own = [...(rule.model ?? []), ...(rule.version ?? []), ...(rule.serial ?? [])]
    wanted.push(...own.flatMap(oidsOf), ...(rule.ownWordsOnly ? [] : standardScalars(rule.role)))
  } else if (objectId === undefined || isToolkit(objectId)) {
    for (const { has, model } of families.flatMap(({ lines }) => lines)) {
      if (has !== undefined) wanted.push(...(model ?? []).flatMap(oidsOf).slice(0, 1))
    }
  } else wanted.push(...standardScalars(makerOf(objectId)?.role ?? 'unknown'))
  return [...new Set(wanted)].slice(0, maxScalars)
}

function oidsOf(source: Source): readonly string[] {
  if (source.kind === 'scalar') return [absolute(source.oid)]
  if (source.kind === 'column') return [`${absolute(source.oid)}.1`]
  return source.kind === 'joined' ? source.oids.map(absolute) : []
}

/** A rule weighs what it holds on: a longer prefix, words of sysDescr, values of the maker's own MIB. */
function fit(
  vendor: string | undefined,
  rule: ProductRule,
  facts: SnmpFacts,
  objectId: string | undefined,
): Match | undefined {
  let weight = 0
  const reasons: string[] = []
  if (rule.objectId !== undefined) {
    const prefix = longest(rule.objectId, objectId)
    if (prefix === undefined) return undefined
    weight += isToolkit(prefix) ? toolkitWeight : 10 + prefix.split('.').length * 2
    reasons.push(`sysObjectID ${enterprises}${prefix}`)
  }
  if (rule.sysDescr !== undefined) {
    const text = descriptionOf(facts)
    const words = text === undefined ? null : rule.sysDescr.exec(text)
    if (words === null) return undefined
    weight += rule.isFallback ? 4 : 15
    reasons.push(`sysDescr "${words[0].trim().slice(0, 60)}"`)
  }
  if (rule.has !== undefined) {
    const held = rule.has.find((oid) => holds(facts, absolute(oid)))
    if (held === undefined) return undefined
    weight += 20
    reasons.push(`answers ${absolute(held)}`)
  }
  return weight === 0 ? undefined : { vendor: rule.vendor ?? vendor, rule, weight, reasons }
}

function describe(
  { vendor, rule, weight, reasons }: Match,
  facts: SnmpFacts,
  objectId: string | undefined,
): Verdict {
  const standard = rule.ownWordsOnly ? {} : readStandard(rule.role, facts)
  const listed =
    rule.modelById !== undefined && objectId?.startsWith(rule.modelById.prefix)
      ? rule.modelById.names.get(objectId.slice(rule.modelById.prefix.length))
      : undefined
  const told = firstTold(rule.model, facts)
  const descr = descriptionOf(facts)
  const own = rule.ownWordsOnly || vendor === undefined ? {} : ownWords(facts, objectId)
  const model = told ?? standard.model ?? listed ?? modelWords(descr, vendor) ?? own.model
  const version = firstTold(rule.version, facts) ?? standard.version ?? versionWords(descr) ?? own.version
  const serial = firstTold(rule.serial, facts) ?? standard.serial
  return {
    role: roleFrom(rule, model, descr),
    ...(vendor === undefined ? {} : { vendor }),
    ...(model === undefined ? {} : { model: tidy(model) }),
    ...(version === undefined ? {} : { version: tidy(version) }),
    ...(serial === undefined ? {} : { serial: tidy(serial) }),
    confidence:
      weight <= toolkitWeight
        ? toolkitConfidence
        : Math.min(0.98, 0.7 + weight / 200 + (told === undefined ? 0 : 0.1)),
    evidence: [`${rule.line}: ${reasons.join(', ')}`],
  }
}

function firstTold(sources: readonly Source[] | undefined, facts: SnmpFacts): string | undefined {
  for (const source of sources ?? []) {
    const told = read(source, facts)?.trim()
    if (told !== undefined && told !== '') return told
  }
  return undefined
}

function read(source: Source, facts: SnmpFacts): string | undefined {
  switch (source.kind) {
    case 'text':
      return source.text
    case 'sysDescr':
      return groups(descriptionOf(facts), source.match)
    case 'scalar':
      return groups(facts.text(absolute(source.oid)), source.match)
    case 'joined': {
      const parts = source.oids.flatMap((oid) => facts.text(absolute(oid)) ?? [])
      return parts.length === 0 ? undefined : parts.join(' ')
    }
    case 'under':
      for (const [index, text] of facts.rows(absolute(source.oid))) {
        const value = source.index.test(index) ? groups(text, source.match) : undefined
        if (value !== undefined) return value
      }
      return undefined
    case 'column':
      for (const [, text] of facts.rows(absolute(source.oid))) {
        const value = groups(text, source.match)
        if (value !== undefined) return value
      }
      return undefined
  }
}

function groups(text: string | undefined, match: RegExp | undefined): string | undefined {
  if (text === undefined || match === undefined) return text
  const found = match.exec(text)
  if (found === null) return undefined
  const parts = found.slice(1).filter((part) => part !== undefined && part !== '')
  return parts.length === 0 ? undefined : parts.join(' ')
}

function roleFrom(rule: ProductRule, model: string | undefined, descr: string | undefined): DeviceRole {
  for (const [pattern, role] of rule.roleBy ?? []) {
    if ((model !== undefined && pattern.test(model)) || (descr !== undefined && pattern.test(descr)))
      return role
  }
  return rule.role
}

const absolute = (oid: string): string => (/^1\.(?:[023]\.|2\.840\.)/.test(oid) ? oid : enterprises + oid)

function holds(facts: SnmpFacts, oid: string): boolean {
  return facts.text(oid) !== undefined || facts.rows(oid).length > 0
}

function longest(prefixes: readonly string[], objectId: string | undefined): string | undefined {
  if (objectId === undefined) return undefined
  let best: string | undefined
  for (const prefix of prefixes) {
    if (objectId !== prefix && !objectId.startsWith(`${prefix}.`)) continue
    if (best === undefined || prefix.length > best.length) best = prefix
  }
  return best
}
