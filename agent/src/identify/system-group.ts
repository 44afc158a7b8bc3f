import type { SnmpFacts } from './snmp-facts.ts'

export const sysObjectId = '1.3.6.1.2.1.1.2.0'
const sysDescr = '1.3.6.1.2.1.1.1.0'
/** What a device tells its neighbors it is (LLDP-MIB, IEEE 802.1AB): the same words, where sysDescr itself was not told. */
const lldpLocSysDesc = '1.0.8802.1.1.2.1.3.4.0'
const enterprises = '1.3.6.1.4.1.'
/** Agents on a common toolkit that keep its sysObjectID: it names no maker (net-snmp, UCD-SNMP, bsnmpd). */
const toolkits = ['8072.', '2021.', '12325.']

export function descriptionOf(facts: SnmpFacts): string | undefined {
  return facts.text(sysDescr) ?? facts.text(lldpLocSysDesc)
}

/** A kernel's own line ("Linux switch-1 5.4.0 #1 SMP …"): its words are the host's name and the builder's. */
export const isKernelLine = (descr: string): boolean =>
  /^(?:Linux|FreeBSD|NetBSD|OpenBSD|Darwin|SunOS|Hardware:)/.test(descr)

/** Nothing but a kernel's line, or nothing at all: who writes a description of his own is no plain host. */
export function hasNoOwnWords(facts: SnmpFacts): boolean {
  const descr = facts.text(sysDescr)
  return descr === undefined || isKernelLine(descr)
}

/** The same facts, where a kernel's line is no description: a host called `pdu1` is no product. */
export function withoutKernelLine(facts: SnmpFacts): SnmpFacts {
  const descr = facts.text(sysDescr)
  if (descr === undefined || !isKernelLine(descr)) return facts
  return { ...facts, text: (oid) => (oid === sysDescr ? undefined : facts.text(oid)) }
}

/** What stands behind `enterprises` in an OID; undefined for any other OID. */
export function enterpriseOid(oid: string | undefined): string | undefined {
  const bare = oid?.startsWith('.') ? oid.slice(1) : oid
  return bare?.startsWith(enterprises) ? bare.slice(enterprises.length) : undefined
}

export function isToolkit(objectId: string): boolean {
  return toolkits.some((toolkit) => `${objectId}.`.startsWith(toolkit))
}
