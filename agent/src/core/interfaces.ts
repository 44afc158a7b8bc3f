import { maxInterfaceIndex, type MonotonicMs } from '@proactive/shared'
import type { SnmpValues } from '../ports/index.ts'

/** Columns that say which interfaces there are (RFC 2863, and RFC 1213 for devices without names). */
export const nameOids = {
  name: '1.3.6.1.2.1.31.1.1.1.1',
  description: '1.3.6.1.2.1.2.2.1.2',
  type: '1.3.6.1.2.1.2.2.1.3',
  note: '1.3.6.1.2.1.31.1.1.1.18',
} as const

/** Columns that are read again and again (RFC 2863, RFC 3635 dot3StatsDuplexStatus). */
const readingOids = {
  operStatus: '1.3.6.1.2.1.2.2.1.8',
  highSpeed: '1.3.6.1.2.1.31.1.1.1.15',
  inOctets: '1.3.6.1.2.1.31.1.1.1.6',
  outOctets: '1.3.6.1.2.1.31.1.1.1.10',
  inErrors: '1.3.6.1.2.1.2.2.1.14',
  outErrors: '1.3.6.1.2.1.2.2.1.20',
  duplex: '1.3.6.1.2.1.10.7.2.1.19',
} as const

/** What has a cable, an antenna or a line behind it (IANAifType): Ethernet in all its ages, PPP, Wi-Fi, link aggregation. */
const shownTypes: ReadonlySet<number> = new Set([6, 23, 26, 62, 69, 71, 117, 161])
/** A stack of switches has hundreds; those of one device that are told. */
export const maxPerDevice = 64

/** An interface as the device names it. */
export interface NamedInterface {
  readonly index: number
  readonly name: string
  readonly note?: string
}

/** The interfaces worth telling, in the device's own order. Without names the descriptions stand in. */
export function listInterfaces(columns: {
  readonly names: SnmpValues
  readonly descriptions: SnmpValues
  readonly types: SnmpValues
  readonly notes: SnmpValues
}): NamedInterface[] {
  const names = byIndex(columns.names, nameOids.name)
  const notes = byIndex(columns.notes, nameOids.note)
  const descriptions = byIndex(columns.descriptions, nameOids.description)
  return [...byIndex(columns.types, nameOids.type)]
    .filter(([, type]) => shownTypes.has(Number(type)))
    .sort(([a], [b]) => a - b)
    .slice(0, maxPerDevice)
    .map(([index]) => {
      const name = textOf(names.get(index)) || textOf(descriptions.get(index)) || String(index)
      const note = textOf(notes.get(index))
      return { index, name, ...(note === '' ? {} : { note }) }
    })
}

/** What to ask of one interface. */
export const oidsOf = (index: number): string[] =>
  Object.values(readingOids).map((column) => `${column}.${index}`)

/** Counters of one interface at one moment. */
export interface Counters {
  readonly atMono: MonotonicMs
  readonly inOctets: number | null
  readonly outOctets: number | null
  readonly inErrors: number | null
  readonly outErrors: number | null
}

export function countersOf(values: SnmpValues, index: number, atMono: MonotonicMs): Counters {
  const number = (column: keyof typeof readingOids) => {
    const value = values.get(`${readingOids[column]}.${index}`)
    return typeof value === 'number' ? value : null
  }
  return {
    atMono,
    inOctets: number('inOctets'),
    outOctets: number('outOctets'),
    inErrors: number('inErrors'),
    outErrors: number('outErrors'),
  }
}

/** A telemetry row's values of one interface, in the contract's order; undefined where the device does not know it any more. */
export function rowOf(
  values: SnmpValues,
  index: number,
  now: Counters,
  before: Counters | undefined,
): (number | null)[] | undefined {
  const status = values.get(`${readingOids.operStatus}.${index}`)
  if (status === undefined) return undefined
  const isUp = status === 1
  const speed = values.get(`${readingOids.highSpeed}.${index}`)
  const duplex = values.get(`${readingOids.duplex}.${index}`)
  return [
    isUp ? 1 : 0,
    // Of a port without a link they tell what could be.
    isUp && typeof speed === 'number' && speed > 0 ? speed : null,
    isUp && (duplex === 2 || duplex === 3) ? duplex - 2 : null,
    rateOf(before, now, 'inOctets'),
    rateOf(before, now, 'outOctets'),
    growthOf(before, now, 'inErrors'),
    growthOf(before, now, 'outErrors'),
  ]
}

/** A port of whose frames this share is broken has a bad cable or a duplex mismatch; a healthy one has none at all. */
const badRatio = 0.01
/** Fewer broken frames than this between two readings are no pattern. */
const leastErrors = 50
/** Frames are not read: this long they are in the mean, so a port full of small ones is judged too mildly at most. */
const meanFrameBytes = 700

/**
 * What ails a port by its row, a word each. Only a port that tells its duplex is Ethernet by its own word (RFC 3635); broken frames are the daily
 * life of an antenna. `tookMs` = since the reading before.
 */
export function portFaults(row: readonly (number | null)[], tookMs: number): string[] {
  const [operUp, , fullDuplex, rxBits, txBits, rxErrors, txErrors] = row
  if (operUp !== 1 || fullDuplex == null) return []
  const frames = (((rxBits ?? 0) + (txBits ?? 0)) * tookMs) / 8_000 / meanFrameBytes
  const errors = (rxErrors ?? 0) + (txErrors ?? 0)
  const isBroken = errors >= leastErrors && errors >= badRatio * (frames + errors)
  return [...(fullDuplex === 0 ? ['half duplex'] : []), ...(isBroken ? ['broken frames'] : [])]
}

type Counter = 'inOctets' | 'outOctets' | 'inErrors' | 'outErrors'

/** Growth since the reading before; null where there is none, or the counter began anew. */
function growthOf(before: Counters | undefined, now: Counters, counter: Counter): number | null {
  const [then, value] = [before?.[counter] ?? null, now[counter]]
  return then === null || value === null || value < then ? null : value - then
}

/** Bits a second, whole. */
function rateOf(before: Counters | undefined, now: Counters, counter: Counter): number | null {
  const growth = growthOf(before, now, counter)
  const ms = now.atMono - (before?.atMono ?? now.atMono)
  return growth === null || ms <= 0 ? null : Math.round((growth * 8_000) / ms)
}

function byIndex(values: SnmpValues, column: string): Map<number, number | string> {
  return new Map(
    [...values].flatMap(([oid, value]) => {
      const index = oid.startsWith(`${column}.`) ? Number(oid.slice(column.length + 1)) : Number.NaN
      // A birth with a number beyond it is refused as a whole.
      return Number.isInteger(index) && index > 0 && index <= maxInterfaceIndex ? [[index, value]] : []
    }),
  )
}

const textOf = (value: number | string | undefined) => (typeof value === 'string' ? value.trim() : '')
