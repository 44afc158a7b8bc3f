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
} as const
export const rowFamilies = ['device', 'wan', 'dns', 'paypath', 'snmp', 'appliance'] as const
export type RowFamily = (typeof rowFamilies)[number]

const value = z.union([z.number().min(-1e15).max(1e15), z.null()])

/** `[alias, value …]` in the family's column order; null = not measured in this window. */
const rowSchema = (family: RowFamily) =>
  z
    .array(value)
    .length(rowFields[family].length + 1)
    .refine(
      (row) => Number.isInteger(row[0]) && Number(row[0]) >= 0 && Number(row[0]) <= 65_535,
      'a row starts with its alias',
    )
export type TelemetryRow = readonly (number | null)[]

/** Most rows of one family in one batch: four /22 networks' devices. */
export const maxRowsPerFamily = 4_096

const rowsSchema = (family: RowFamily) => z.array(rowSchema(family)).max(maxRowsPerFamily)

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
  }),
})
export type Telemetry = z.infer<typeof telemetrySchema>
