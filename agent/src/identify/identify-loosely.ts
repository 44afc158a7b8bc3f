import type { DeviceRole } from '@proactive/shared'
import { makerOf } from '../rules/enterprises.ts'
import { isBorrowed, makerInEvidence, roleInEvidence } from './loose-kind.ts'
import { modelWords, versionWords } from './loose-words.ts'
import { type PrivateWords, privateWords } from './private-words.ts'
import type { SnmpFacts } from './snmp-facts.ts'
import { readPrinter, readStandard, readUps } from './standard-mibs.ts'
import { descriptionOf, isToolkit } from './system-group.ts'
import { tidy, type Verdict } from './verdict.ts'

/** No product line fits: the standard MIBs tell the kind, the registered enterprise number the maker. */
export function identifyLoosely(facts: SnmpFacts, objectId: string | undefined): Verdict {
  const descr = descriptionOf(facts)
  const { vendor: maker, role: usual, enterprise, evidence } = findMaker(facts, objectId, descr)
  const printer = readPrinter(facts)
  const ups = readUps(facts)
  const role: DeviceRole = printer.isPrinter
    ? 'printer'
    : ups.isUps
      ? 'ups'
      : roleAmong(usual, roleInEvidence(facts, descr))
  const standard = readStandard(role, facts)
  const vendor = maker ?? standard.vendor
  const own = enterprise === undefined ? {} : privateWords(facts, enterprise)
  const model = standard.model ?? modelWords(descr, vendor) ?? own.model
  const version = standard.version ?? versionWords(descr) ?? own.version
  const reasons = [
    ...evidence,
    ...(printer.isPrinter ? ['answers Printer-MIB or names a printer device'] : []),
    ...(ups.isUps ? ['answers UPS-MIB'] : []),
  ]
  return {
    role,
    ...(vendor === undefined ? {} : { vendor }),
    ...(model === undefined ? {} : { model: tidy(model) }),
    ...(version === undefined ? {} : { version: tidy(version) }),
    ...(standard.serial === undefined ? {} : { serial: tidy(standard.serial) }),
    confidence: role === 'unknown' ? 0.1 : maker === undefined ? 0.6 : 0.7,
    evidence: reasons.length === 0 ? ['nothing that names a maker'] : reasons,
  }
}

interface FoundMaker {
  readonly vendor?: string
  readonly role: DeviceRole
  readonly enterprise?: string
  readonly evidence: readonly string[]
}

function findMaker(facts: SnmpFacts, objectId: string | undefined, descr: string | undefined): FoundMaker {
  const registered = objectId === undefined || isToolkit(objectId) ? undefined : makerOf(objectId)
  const root = objectId?.split('.', 1)[0]
  const known =
    registered === undefined || root === undefined
      ? undefined
      : {
          ...registered,
          enterprise: root,
          evidence: [`sysObjectID 1.3.6.1.4.1.${root} is ${registered.vendor}'s`],
        }
  if (known !== undefined && !isBorrowed(known.enterprise)) return known
  const found = makerInEvidence(facts, descr)
  if (found !== undefined) return { ...found, evidence: [found.why] }
  // A chip's or a toolkit's root says what kind of box it is, never who made it.
  return known === undefined
    ? { role: 'unknown', evidence: [] }
    : { role: known.role, evidence: known.evidence }
}

const powerRoles: ReadonlySet<DeviceRole> = new Set<DeviceRole>(['ups', 'pdu', 'environment'])

/** What a box says it does stands above what its maker usually makes; makers of one kind only are not talked out of it. */
function roleAmong(usual: DeviceRole, told: DeviceRole | undefined): DeviceRole {
  if (told === undefined || usual === 'printer' || usual === 'camera' || usual === 'phone') return usual
  return powerRoles.has(usual) && !powerRoles.has(told) ? usual : told
}

/** What the maker's own subtree says, for a product line whose rule found nothing there. */
export function ownWords(facts: SnmpFacts, objectId: string | undefined): PrivateWords {
  const root = objectId?.split('.', 1)[0]
  return objectId === undefined || root === undefined || isToolkit(objectId) ? {} : privateWords(facts, root)
}
