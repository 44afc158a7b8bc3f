import type { DeviceRole } from '@proactive/shared'

/**
 * Where a value is read. Plain data, made by the functions below; the engine follows it.
 * OIDs are written below `enterprises` (`14988.1.1.4.4.0`), or whole when they begin with `1.3.6.1.` or `1.2.840.`.
 */
export type Source =
  | { readonly kind: 'sysDescr'; readonly match: RegExp }
  | { readonly kind: 'scalar'; readonly oid: string; readonly match?: RegExp }
  | { readonly kind: 'column'; readonly oid: string; readonly match?: RegExp }
  | { readonly kind: 'under'; readonly oid: string; readonly index: RegExp; readonly match?: RegExp }
  | { readonly kind: 'joined'; readonly oids: readonly string[] }
  | { readonly kind: 'text'; readonly text: string }

/** From sysDescr (RFC 3418): the groups that matched, joined by a blank. */
export const said = (match: RegExp): Source => ({ kind: 'sysDescr', match })

/** One scalar; with `match` its groups joined by a blank. */
export const scalar = (oid: string, match?: RegExp): Source => ({
  kind: 'scalar',
  oid,
  ...(match === undefined ? {} : { match }),
})

/** The first row of a table's column that fits. */
export const column = (oid: string, match?: RegExp): Source => ({
  kind: 'column',
  oid,
  ...(match === undefined ? {} : { match }),
})

/** The first value below a root whose index fits: where every product keeps the same group under a number of its own. */
export const under = (oid: string, index: RegExp, match?: RegExp): Source => ({
  kind: 'under',
  oid,
  index,
  ...(match === undefined ? {} : { match }),
})

/** Several scalars, those that are told, joined by a blank. */
export const joined = (...oids: readonly string[]): Source => ({ kind: 'joined', oids })

/** The product line's own name, where all of its devices are one model. */
export const fixed = (text: string): Source => ({ kind: 'text', text })

/** How one product line speaks. All conditions that are given must hold. */
export interface ProductRule {
  /** The product line, named in the evidence. */
  readonly line: string
  /** Prefixes of sysObjectID below `enterprises`; one of them must fit. */
  readonly objectId?: readonly string[]
  readonly sysDescr?: RegExp
  /** Subtrees, one of which must hold a value: for makers that leave net-snmp's own sysObjectID in place. */
  readonly has?: readonly string[]
  /** Where a line is sold under another name than its family's. */
  readonly vendor?: string
  readonly role: DeviceRole
  /** First pattern that fits model or sysDescr moves the role. */
  readonly roleBy?: readonly (readonly [pattern: RegExp, role: DeviceRole])[]
  /** The first source that tells wins. */
  readonly model?: readonly Source[]
  readonly version?: readonly Source[]
  readonly serial?: readonly Source[]
  /** Model by what follows the prefix in sysObjectID (`9.1.` + `1208`). */
  readonly modelById?: { readonly prefix: string; readonly names: ReadonlyMap<string, string> }
  /** Only where nothing nearer is known: sysDescr alone names the maker, and every other rule outweighs it. */
  readonly isFallback?: true
  /** Standard MIBs are not asked for what the sources above did not tell. */
  readonly ownWordsOnly?: true
}

/** All product lines of a maker; a new product is a new row here, never code. */
export interface VendorFamily {
  /** Undefined where the software runs on anybody's hardware and names no maker. */
  readonly vendor: string | undefined
  readonly lines: readonly ProductRule[]
}

/** Broadcom FASTPATH's inventory group, which many makers keep under a root of their own. */
export function fastpath(root: string): Pick<ProductRule, 'model' | 'version' | 'serial'> {
  return {
    model: [scalar(`${root}.3.0`)],
    version: [scalar(`${root}.13.0`)],
    serial: [scalar(`${root}.4.0`)],
  }
}
