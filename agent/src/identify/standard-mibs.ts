import type { DeviceRole } from '@proactive/shared'
import { makerNamedIn } from '../rules/enterprises.ts'
import type { SnmpFacts } from './snmp-facts.ts'

/** ENTITY-MIB's entPhysicalTable (RFC 6933). */
const entity = '1.3.6.1.2.1.47.1.1.1.1'
const entityColumn = {
  descr: 2,
  class: 5,
  name: 7,
  firmware: 9,
  software: 10,
  serial: 11,
  maker: 12,
  model: 13,
}
/** HOST-RESOURCES-MIB's device table (RFC 2790) and Printer-MIB (RFC 3805). */
const hrDeviceType = '1.3.6.1.2.1.25.3.2.1.2'
const hrDeviceDescr = '1.3.6.1.2.1.25.3.2.1.3'
const hrPrinterType = '1.3.6.1.2.1.25.3.1.5'
const prtSerial = '1.3.6.1.2.1.43.5.1.1.17'
const prtName = '1.3.6.1.2.1.43.5.1.1.16'
const printerMib = '1.3.6.1.2.1.43'
const dot11Resource = '1.2.840.10036.3.1.2.1'
/** RMON2-MIB's probe group (RFC 4502): switches write their own software's version there. */
const probeSoftwareRev = '1.3.6.1.2.1.16.19.2.0'
/** UPS-MIB's ident group (RFC 1628). */
const ups = '1.3.6.1.2.1.33.1'

export interface Told {
  readonly vendor?: string | undefined
  readonly model?: string | undefined
  readonly version?: string | undefined
  readonly serial?: string | undefined
}

/** The chassis: the first row of class chassis or stack with a model, else the first row with one. */
export function readChassis(facts: SnmpFacts): Told {
  const columnOf = (column: number) => new Map(facts.rows(`${entity}.${column}`))
  const models = columnOf(entityColumn.model)
  const classes = columnOf(entityColumn.class)
  const serials = columnOf(entityColumn.serial)
  const indexes = [...new Set([...models.keys(), ...serials.keys()])].sort((a, b) => Number(a) - Number(b))
  const isChassis = (index: string) => classes.get(index) === '3'
  const index =
    indexes.find((one) => isChassis(one) && models.has(one)) ??
    indexes.find((one) => models.has(one) && (classes.get(one) === '11' || !classes.has(one))) ??
    indexes.find((one) => models.has(one)) ??
    indexes.find(isChassis)
  if (index === undefined) return {}
  const at = (column: number) => facts.text(`${entity}.${column}.${index}`)
  const maker = at(entityColumn.maker)
  return {
    vendor: maker === undefined ? undefined : (makerNamedIn(maker) ?? maker),
    model: models.get(index),
    version:
      at(entityColumn.software) ??
      at(entityColumn.firmware) ??
      facts.rows(`${entity}.${entityColumn.software}`)[0]?.[1],
    serial: serials.get(index) ?? serials.values().next().value,
  }
}

/** The printer: the device of type printer; its description begins with the maker's name. */
export function readPrinter(facts: SnmpFacts): Told & { readonly isPrinter: boolean } {
  const types = new Map(facts.rows(hrDeviceType))
  const isPrinter = facts.rows(printerMib).length > 0
  const row = facts
    .rows(hrDeviceDescr)
    .find(([index]) => types.get(index) === hrPrinterType || (types.size === 0 && isPrinter))
  const text = row?.[1] ?? facts.rows(prtName)[0]?.[1]
  const vendor = text === undefined ? undefined : makerNamedIn(text)
  const [serial] = facts.rows(prtSerial)
  return {
    isPrinter: row !== undefined || isPrinter,
    vendor,
    model: text === undefined ? undefined : printerModel(text, vendor),
    serial: serial?.[1],
  }
}

/** "Brother MFC-L2710DW series", "HP LaserJet 400 M401dn; SN:…", "Lexmark MS610dn 4514635… LW40.PR4": the model alone. */
function printerModel(text: string, vendor: string | undefined): string {
  const [first = text] = text.split(/[;\n]|, S\/?N|,\s*(?=Firmware|Ver)| Ver\./)
  const bare = vendor !== undefined && first.toLowerCase().startsWith(`${vendor.toLowerCase()} `)
  return (bare ? first.slice(vendor.length + 1) : first).replace(/ series$/i, '').trim()
}

export function readUps(facts: SnmpFacts): Told & { readonly isUps: boolean } {
  const maker = facts.text(`${ups}.1.1.0`)
  return {
    isUps: facts.rows(ups).length > 0,
    vendor: maker === undefined ? undefined : (makerNamedIn(maker) ?? maker),
    model: facts.text(`${ups}.1.2.0`),
    version: facts.text(`${ups}.1.3.0`) ?? facts.text(`${ups}.1.4.0`),
  }
}

/** What the standard MIBs say of a box of that kind, the nearest one first; a radio's own row where no other tells. */
export function readStandard(role: DeviceRole, facts: SnmpFacts): Told {
  if (role === 'printer') return readPrinter(facts)
  const chassis = readChassis(facts)
  const nearest: Told = role === 'ups' || role === 'pdu' || role === 'environment' ? readUps(facts) : {}
  const radio: Told = role === 'access-point' || role === 'router' ? readRadio(facts) : {}
  return {
    vendor: nearest.vendor ?? chassis.vendor ?? radio.vendor,
    model: nearest.model ?? chassis.model ?? radio.model,
    version: nearest.version ?? chassis.version ?? radio.version ?? facts.text(probeSoftwareRev),
    serial: nearest.serial ?? chassis.serial,
  }
}

/** IEEE802dot11-MIB's dot11ResourceInfoTable: manufacturer, product, version of the radio. */
function readRadio(facts: SnmpFacts): Told {
  const first = (column: number) => facts.rows(`${dot11Resource}.${column}`)[0]?.[1]
  const maker = first(2)
  return {
    vendor: maker === undefined ? undefined : makerNamedIn(maker),
    model: first(3),
    version: first(4),
  }
}

/** Where the standard MIBs usually keep them: the first printer, the UPS, the chassis at 1 and (Cisco) at 1001. */
export function standardScalars(role: DeviceRole): readonly string[] {
  if (role === 'printer') return [`${hrDeviceType}.1`, `${hrDeviceDescr}.1`, `${prtSerial}.1`]
  const chassis = [1, 1001].flatMap((index) =>
    [entityColumn.model, entityColumn.software, entityColumn.serial].map(
      (column) => `${entity}.${column}.${index}`,
    ),
  )
  return role === 'ups' || role === 'pdu'
    ? [`${ups}.1.1.0`, `${ups}.1.2.0`, `${ups}.1.3.0`, ...chassis]
    : chassis
}
