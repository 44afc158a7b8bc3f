import type { SnmpValues } from '../ports/index.ts'

/** What ails a managed device by its own words. Its presence is another matter: a printer without paper answers well. */
export interface Ailment {
  readonly aspect: 'printer' | 'power' | 'port'
  /** One short phrase per fault, e.g. `no paper`; stable order. */
  readonly faults: readonly string[]
}

/**
 * Scalars that are asked together, by role. Sources: RFC 2790 (hrPrinterDetectedErrorState), RFC 3805 (prtMarkerLifeCount), RFC 1628 (UPS-MIB), APC PowerNet-MIB.
 */
export const equipmentOids = {
  printer: {
    errorState: '1.3.6.1.2.1.25.3.5.1.2.1',
  },
  power: {
    outputSource: '1.3.6.1.2.1.33.1.4.1.0',
    batteryStatus: '1.3.6.1.2.1.33.1.2.1.0',
    apcOutputStatus: '1.3.6.1.4.1.318.1.1.1.4.1.1.0',
    apcBatteryStatus: '1.3.6.1.4.1.318.1.1.1.2.1.1.0',
    apcReplace: '1.3.6.1.4.1.318.1.1.1.2.2.4.0',
  },
} as const

/** Bits of hrPrinterDetectedErrorState, the most significant first; undefined = no reason to send anybody. */
const printerBits: readonly (string | undefined)[] = [
  'low on paper',
  'no paper',
  'low on toner',
  'no toner',
  'door open',
  'jammed',
  'offline',
  'wants service',
  'input tray missing',
  'output tray missing',
  'toner or ribbon missing',
  undefined,
  'output full',
  'input tray empty',
  undefined,
]

/** @param hex the octets as hexadecimal, one or two bytes; a printer that has nothing to say sends 00 */
export function printerFaults(hex: number | string | undefined): string[] {
  if (typeof hex !== 'string' || !/^([0-9a-f]{2}){1,4}$/i.test(hex)) return []
  const bytes = bytesOf(hex)
  return printerBits.flatMap((word, bit) => {
    const byte = bytes[bit >> 3] ?? 0
    return word !== undefined && (byte >> (7 - (bit & 7))) & 1 ? [word] : []
  })
}

function bytesOf(hex: string): number[] {
  return (hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16))
}

/** UPS-MIB: 3 normal, 4 bypass, 5 battery; battery 3 low, 4 depleted. APC: output 3 on battery, 6 and 9 bypass; battery 3 low; 2 = replace. */
export function powerFaults(values: SnmpValues): string[] {
  const { outputSource, batteryStatus, apcOutputStatus, apcBatteryStatus, apcReplace } = equipmentOids.power
  const is = (oid: string, ...wanted: readonly number[]) => wanted.includes(Number(values.get(oid)))
  const faults: string[] = []
  if (is(outputSource, 5) || is(apcOutputStatus, 3)) faults.push('on battery')
  if (is(outputSource, 4) || is(apcOutputStatus, 6, 9)) faults.push('bypassed')
  if (is(batteryStatus, 3) || is(apcBatteryStatus, 3)) faults.push('battery low')
  if (is(batteryStatus, 4)) faults.push('battery empty')
  if (is(apcReplace, 2)) faults.push('battery to be replaced')
  return faults
}
