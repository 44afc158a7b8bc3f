import { z } from 'zod'
import { laneStamp, timeStamp } from './lane.ts'

/**
 * What each kind of telemetry row measures over one window, in column order. Names carry units; ratios are 0..1.
 * Order and meaning are part of contract v1: add columns at the end only, never change one.
 */
export const rowFields = {
  /** One device: `presenceRatio` = share of presence checks answered; RTT percentiles over the window's ICMP replies; `serviceOkRatio` = share of TCP service checks that connected. */
  device: [
    'presenceRatio',
    'rttP50Ms',
    'rttP95Ms',
    'rttMaxMs',
    'lossRatio',
    'jitterMs',
    'probeCount',
    'serviceOkRatio',
  ],
  /** One internet target over one uplink. */
  wan: ['okRatio', 'rttP50Ms', 'rttP95Ms', 'rttMaxMs', 'lossRatio', 'jitterMs'],
  /** One resolver. */
  dns: ['okRatio', 'lookupP50Ms', 'lookupMaxMs'],
  /** One payment processor: `stage` = first failing stage (0 none, 1 dns, 2 tcp, 3 tls). */
  paypath: ['okRatio', 'stage', 'dnsMs', 'tcpMs', 'tlsMs', 'certificateDays'],
  /** One device's host data by SNMP (router). Counters are totals since the device started. */
  snmp: ['uptimeSeconds', 'wanOperUp', 'rxBytes', 'txBytes', 'rxErrors', 'txErrors'],
  /** The appliance itself; alias 0. */
  appliance: [
    'cpuRatio',
    'memoryUsedRatio',
    'rssBytes',
    'load1',
    'temperatureC',
    'diskUsedRatio',
    'spoolBytes',
    'spoolBatches',
    'droppedBatches',
    'lostWindowMs',
  ],
  /**
   * One interface of a router or switch by SNMP, as of the last reading in the window. Rates are means since the reading before, null where a counter
   * was reset or there is none; errors are counted since then. `fullDuplex` 1 or 0, null where it does not tell.
   */
  interface: [
    'operUp',
    'speedMbps',
    'fullDuplex',
    'rxBitsPerSecond',
    'txBitsPerSecond',
    'rxErrors',
    'txErrors',
  ],
  /**
   * The appliance's board; alias 0. Faults are 0 or 1 as the board judges them; `linkMbit` and `isHalfDuplex` are those of its slowest socket with a
   * cable. Sent when a fault, the link or the clock changes, and every ten minutes.
   */
  board: [
    'isUnderVoltage',
    'isFrequencyCapped',
    'isThrottled',
    'isTooHot',
    'hadPowerFault',
    'cardWrittenBytes',
    'cardLifeUsedRatio',
    'linkMbit',
    'isHalfDuplex',
    'isClockSynced',
  ],
  /**
   * The primary way out under the Location's own load, on the router's row: the most that passed, round trips to the internet while the line was quiet and
   * while it was busy, and what they gained (bufferbloat). `busyRatio` = share of the window's readings that were busy.
   */
  load: ['rxMbit', 'txMbit', 'quietRttMs', 'busyRttMs', 'addedRttMs', 'busyRatio'],
} as const
/** The order is part of the packed form: new families come last, and readers go without those that are not there. */
export const rowFamilies = [
  'device',
  'wan',
  'dns',
  'paypath',
  'snmp',
  'appliance',
  'interface',
  'board',
  'load',
] as const
export type RowFamily = (typeof rowFamilies)[number]

/** No cell is larger, either way: a batch with one that is would be refused as a whole. */
export const maxMagnitude = 1e15
const maxAlias = 65_535

export type TelemetryRow = readonly (number | null)[]

/** Most rows of one family in one batch: four /22 networks' devices. */
export const maxRowsPerFamily = 4_096

/** Whether these are rows of a family with so many fields: an alias, then numbers or null. */
function areRows(value: unknown, fieldCount: number): boolean {
  if (!Array.isArray(value) || value.length > maxRowsPerFamily) return false
  for (const row of value) {
    if (!Array.isArray(row) || row.length !== fieldCount + 1) return false
    const alias: unknown = row[0]
    if (!Number.isInteger(alias) || (alias as number) < 0 || (alias as number) > maxAlias) return false
    for (const cell of row as unknown[]) {
      if (cell === null) continue
      if (typeof cell !== 'number' || !(Math.abs(cell) <= maxMagnitude)) return false
    }
  }
  return true
}

/**
 * `[alias, value …]` per row in the family's column order; null = not measured in this window.
 * Checked by one loop: a schema per cell costs more than all the rest of the way into the log (measured: a third of the ingest's time).
 */
const rowsSchema = (family: RowFamily) =>
  z.custom<(number | null)[][]>(
    (value) => areRows(value, rowFields[family].length),
    `not rows of ${rowFields[family].length + 1} numbers or nulls that start with an alias, at most ${maxRowsPerFamily}`,
  )

/** One batch of window summaries. It keeps its (bootEpoch, lane, seq) for ever once first sent, also when resent. */
export const telemetrySchema = z.strictObject({
  v: z.literal(1),
  ...laneStamp,
  ...timeStamp,
  /** Length of the window that ends at `atMs`. */
  windowMs: z.int().min(100).max(600_000),
  rows: z.strictObject({
    device: rowsSchema('device').optional(),
    wan: rowsSchema('wan').optional(),
    dns: rowsSchema('dns').optional(),
    paypath: rowsSchema('paypath').optional(),
    snmp: rowsSchema('snmp').optional(),
    appliance: rowsSchema('appliance').optional(),
    interface: rowsSchema('interface').optional(),
    board: rowsSchema('board').optional(),
    load: rowsSchema('load').optional(),
  }),
})
export type Telemetry = z.infer<typeof telemetrySchema>
