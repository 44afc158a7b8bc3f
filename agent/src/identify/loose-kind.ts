import type { DeviceRole } from '@proactive/shared'
import { type Maker, makerNamedIn, makerOf } from '../rules/enterprises.ts'
import type { SnmpFacts } from './snmp-facts.ts'
import { isKernelLine } from './system-group.ts'

const enterprises = '1.3.6.1.4.1'
/**
 * Roots that say whose software or chip runs, never who made the box: UCD-SNMP, net-snmp, SNMP Research, Radlan, bsnmpd, Broadcom,
 * LVL7, Marvell, Realtek, lwIP, Compaq's and Dell's server agents' common parts.
 */
const borrowedRoots: ReadonlySet<string> = new Set([
  '2021',
  '8072',
  '99',
  '89',
  '12325',
  '4413',
  '6132',
  '26696',
  '27282',
  '26381',
  '30155',
])
/** Words of sysDescr that tell the kind, the most telling first. */
const kindWords: readonly (readonly [RegExp, DeviceRole])[] = [
  [/\b(?:printer|laserjet|officejet|mfp|multifunction|copier|print server|label maker)\b/i, 'printer'],
  [/\bU\.?P\.?S\.?\b(?! state)|uninterruptible|rectifier|\bbattery\b|\bdc power\b|\binverter\b/i, 'ups'],
  [/\bPDU\b|power distribution|power strip|transfer switch|\bATS\b|outlet/i, 'pdu'],
  [
    /(?<!multi-)\benvironment(?:al)?\b|\btemperature\b|\bhumidity\b|\bsensor ?(?:probe|hub|box)|\bcooling\b|\bclimate\b|data ?logger/i,
    'environment',
  ],
  [/\bfirewall\b|\bUTM\b|security (?:appliance|gateway)|\bNGFW\b|\bVPN gateway\b/i, 'firewall'],
  [
    /\baccess ?point\b|\bwi-?fi\b|\bwireless (?:ap|bridge|lan|controller)\b|\bWLAN\b|\bmicrowave\b|\bbase station\b|\bpoint-to-point\b/i,
    'access-point',
  ],
  [/\b(?:OLT|DSLAM|GPON|EPON|cable modem|DOCSIS|CMTS|ONT|ONU|ATA|modem)\b/i, 'modem'],
  [/HW_REV:.*SW_REV:/, 'modem'],
  [/\b(?:ether)?switch\b/i, 'switch'],
  [/\brouter\b|\bgateway\b|\bBRAS\b|\bBNG\b/i, 'router'],
]
/** A bridge with more ports than this is a switch (BRIDGE-MIB, RFC 4188). */
const fewestSwitchPorts = 5
const standard = {
  basePorts: '1.3.6.1.2.1.17.1.2.0',
  powerEthernet: '1.3.6.1.2.1.105.1.3.1.1',
  dot11: '1.2.840.10036',
  dot11Maker: '1.2.840.10036.3.1.2.1.2',
}

export function isBorrowed(objectId: string): boolean {
  return borrowedRoots.has(objectId.split('.', 1)[0] ?? '')
}

/** Who made a box whose sysObjectID names a toolkit or nobody: the radio's maker, the subtree it answers, its own first words. */
export function makerInEvidence(
  facts: SnmpFacts,
  descr: string | undefined,
): (Maker & { readonly why: string; readonly enterprise?: string }) | undefined {
  const own = makerOfSubtree(facts)
  if (own !== undefined) return own
  const [radio] = facts.rows(standard.dot11Maker)
  const radioMaker = radio === undefined ? undefined : makerNamedIn(radio[1])
  if (radioMaker !== undefined)
    return { vendor: radioMaker, role: 'access-point', why: `its radio says ${radio?.[1]}` }
  const docsis = /\bVENDOR: ?([^;>]+?) ?[;>]/.exec(descr ?? '')?.[1]
  if (docsis !== undefined)
    return { vendor: makerNamedIn(docsis) ?? docsis, role: 'modem', why: `sysDescr says VENDOR: ${docsis}` }
  const named = descr === undefined ? undefined : makerNamedIn(descr.replace(/^Linux /, ''))
  return named === undefined
    ? undefined
    : { vendor: named, role: 'unknown', why: `sysDescr begins with ${named}` }
}

function makerOfSubtree(facts: SnmpFacts) {
  const own = ownSubtree(facts)
  const maker = own === undefined ? undefined : makerOf(own)
  const [enterprise = ''] = own?.split('.', 1) ?? []
  return maker === undefined
    ? undefined
    : { ...maker, why: `answers ${maker.vendor}'s ${enterprises}.${enterprise}`, enterprise }
}

/**
 * Where the maker's own MIB stands below `enterprises`: what the OIDs of the listed maker with most values have in common, at most four
 * numbers; chip makers' and toolkits' roots do not count. For an agent whose sysObjectID says nothing it is as good as one.
 */
export function ownSubtree(facts: SnmpFacts): string | undefined {
  const byRoot = new Map<string, string[]>()
  for (const [index] of facts.rows(enterprises)) {
    const [root = ''] = index.split('.', 1)
    if (borrowedRoots.has(root)) continue
    const indexes = byRoot.get(root)
    if (indexes === undefined) byRoot.set(root, [index])
    else indexes.push(index)
  }
  const largest = [...byRoot.values()].sort((a, b) => b.length - a.length)
  for (const indexes of largest) {
    const prefix = commonPrefix(indexes)
    if (makerOf(prefix) !== undefined) return prefix
  }
  return undefined
}

const longestPrefix = 4

function commonPrefix(indexes: readonly string[]): string {
  const [first = [], ...others] = indexes.map((index) => index.split('.', longestPrefix))
  let length = first.length
  for (const other of others) {
    while (length > 1 && first.slice(0, length).join('.') !== other.slice(0, length).join('.')) length -= 1
  }
  return first.slice(0, length).join('.')
}

/** What a box does by its own words and by the standard MIBs it answers; undefined where neither tells. */
export function roleInEvidence(facts: SnmpFacts, descr: string | undefined): DeviceRole | undefined {
  const own = descr === undefined || isKernelLine(descr) ? undefined : descr
  const words = own === undefined ? undefined : kindWords.find(([pattern]) => pattern.test(own))
  if (words !== undefined) return words[1]
  if (facts.rows(standard.dot11).length > 0) return 'access-point'
  if (Number(facts.text(standard.basePorts) ?? 0) >= fewestSwitchPorts) return 'switch'
  return facts.rows(standard.powerEthernet).length > 0 ? 'switch' : undefined
}
