import { maxMagnitude, rowFields, type RowFamily, type Telemetry, type TelemetryRow } from '@proactive/shared'

/**
 * One measured value of the running window, short because it is written to the spool as it is:
 * `[kind, alias, value …]`; times in milliseconds, null = no answer.
 */
export type Sample =
  /** ICMP echo to a device at its regular pace. */
  | readonly ['e', alias: number, rttMs: number | null]
  /** Presence of a device asked otherwise (ARP, a repeated try): 1 it answered, 0 not. */
  | readonly ['p', alias: number, answered: 0 | 1]
  /** TCP service check of a device. */
  | readonly ['t', alias: number, connected: 0 | 1]
  /** ICMP echo to an internet target. */
  | readonly ['w', alias: number, rttMs: number | null]
  /** One DNS lookup. */
  | readonly ['d', alias: number, tookMs: number | null]
  /** One walk over a payment path: stage 0 none … 3 tls, then what each stage took and the certificate's days. */
  | readonly [
      'y',
      alias: number,
      stage: number,
      dnsMs: number | null,
      tcpMs: number | null,
      tlsMs: number | null,
      days: number | null,
    ]
  /** Last SNMP reading, in the column order of the contract. */
  | readonly ['s', alias: number, ...values: (number | null)[]]
  /** Last reading of one port of a router or switch, in the column order of the contract. */
  | readonly ['i', alias: number, ...values: (number | null)[]]
  /** Last reading of the board (alias 0), of the line under load (the router's alias), in the column order of the contract. */
  | readonly ['b' | 'l', alias: number, ...values: (number | null)[]]

type Rows = Telemetry['rows']

/** Summarizes a window's samples into telemetry rows, by alias in ascending order. Pure; the order of samples matters to jitter only. */
export function summarize(samples: readonly Sample[]): Rows {
  const byFamily = new Map<RowFamily, Map<number, Sample[]>>()
  for (const sample of samples) {
    const family = familyOf(sample)
    const byAlias = byFamily.get(family) ?? new Map<number, Sample[]>()
    byFamily.set(family, byAlias)
    const list = byAlias.get(sample[1])
    if (list === undefined) byAlias.set(sample[1], [sample])
    else list.push(sample)
  }
  const rows: Record<string, TelemetryRow[]> = {}
  for (const [family, byAlias] of byFamily) {
    rows[family] = [...byAlias.entries()]
      .sort(([a], [b]) => a - b)
      .map(([alias, list]) => [alias, ...(summaries.get(family)?.(list) ?? []).map(bounded)])
  }
  return rows as Rows
}

/** A counter that the contract has no room for is not told: one device's number must not cost the Location its batch. */
function bounded(value: number | null): number | null {
  return value !== null && Math.abs(value) <= maxMagnitude ? value : null
}

/** Reads samples back from the spool; what is no sample is left out. */
export function parseSamples(text: string): Sample[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return []
  }
  if (!Array.isArray(parsed)) return []
  return parsed.filter(isSample)
}

function isSample(value: unknown): value is Sample {
  if (!Array.isArray(value) || !Number.isInteger(value[1])) return false
  const width = typeof value[0] === 'string' ? sampleWidths.get(value[0]) : undefined
  return (
    width !== undefined &&
    value.length === width &&
    value.slice(2).every((item) => item === null || (typeof item === 'number' && Number.isFinite(item)))
  )
}

const sampleWidths = new Map([
  ['e', 3],
  ['p', 3],
  ['t', 3],
  ['w', 3],
  ['d', 3],
  ['y', 7],
  ['s', 2 + rowFields.snmp.length],
  ['i', 2 + rowFields.interface.length],
  ['b', 2 + rowFields.board.length],
  ['l', 2 + rowFields.load.length],
])

function familyOf(sample: Sample): RowFamily {
  switch (sample[0]) {
    case 'e':
    case 'p':
    case 't':
      return 'device'
    case 'w':
      return 'wan'
    case 'd':
      return 'dns'
    case 'y':
      return 'paypath'
    case 's':
      return 'snmp'
    case 'i':
      return 'interface'
    case 'b':
      return 'board'
    case 'l':
      return 'load'
  }
}

const summaries = new Map<RowFamily, (samples: readonly Sample[]) => (number | null)[]>([
  ['device', summarizeDevice],
  ['wan', summarizeWan],
  ['dns', summarizeDns],
  ['paypath', summarizePayPath],
  ['snmp', newest],
  ['interface', newest],
  ['board', newest],
  ['load', newest],
])

/** A reading replaces the one before. */
function newest(samples: readonly Sample[]): (number | null)[] {
  return (samples.at(-1)?.slice(2) as (number | null)[] | undefined) ?? []
}

function summarizeDevice(samples: readonly Sample[]): (number | null)[] {
  const echoes = valuesOf(samples, 'e')
  const presence = [
    ...echoes.map((rtt) => rtt !== null),
    ...valuesOf(samples, 'p').map((value) => value === 1),
  ]
  const services = valuesOf(samples, 't').map((value) => value === 1)
  const rtts = answered(echoes)
  return [
    shareOf(presence),
    ...spread(rtts),
    echoes.length === 0 ? null : ratio(echoes.length - rtts.length, echoes.length),
    jitter(echoes),
    presence.length,
    shareOf(services),
  ]
}

function summarizeWan(samples: readonly Sample[]): (number | null)[] {
  const echoes = valuesOf(samples, 'w')
  const rtts = answered(echoes)
  return [
    ratio(rtts.length, echoes.length),
    ...spread(rtts),
    ratio(echoes.length - rtts.length, echoes.length),
    jitter(echoes),
  ]
}

function summarizeDns(samples: readonly Sample[]): (number | null)[] {
  const lookups = valuesOf(samples, 'd')
  const took = answered(lookups)
  const [median, , slowest] = spread(took)
  return [ratio(took.length, lookups.length), median ?? null, slowest ?? null]
}

function summarizePayPath(samples: readonly Sample[]): (number | null)[] {
  const last = samples.at(-1)
  if (last === undefined || last[0] !== 'y') return []
  const good = samples.filter((sample) => sample[0] === 'y' && sample[2] === 0).length
  const [, , stage, dnsMs, tcpMs, tlsMs, days] = last
  return [ratio(good, samples.length), stage, decimal(dnsMs), decimal(tcpMs), decimal(tlsMs), decimal(days)]
}

function valuesOf(samples: readonly Sample[], kind: Sample[0]): (number | null)[] {
  return samples.filter((sample) => sample[0] === kind).map((sample) => sample[2] ?? null)
}

function answered(values: readonly (number | null)[]): number[] {
  return values.filter((value): value is number => value !== null)
}

/** Median, 95th percentile (nearest rank) and maximum. */
function spread(values: readonly number[]): (number | null)[] {
  const sorted = [...values].sort((a, b) => a - b)
  const rank = (share: number) => decimal(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null)
  return [rank(0.5), rank(0.95), rank(1)]
}

/** Mean difference of neighboring round-trip times (the idea of RFC 3550 §6.4.1, without its smoothing). */
function jitter(values: readonly (number | null)[]): number | null {
  let sum = 0
  let count = 0
  for (let index = 1; index < values.length; index++) {
    const [before, now] = [values[index - 1] ?? null, values[index] ?? null]
    if (before === null || now === null) continue
    sum += Math.abs(now - before)
    count++
  }
  return count === 0 ? null : decimal(sum / count)
}

function shareOf(answers: readonly boolean[]): number | null {
  return answers.length === 0 ? null : ratio(answers.filter(Boolean).length, answers.length)
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 1_000) / 1_000
}

/** Two decimals: a hundredth of a millisecond is below what a LAN can tell. */
function decimal(value: number | null): number | null {
  return value === null ? null : Math.round(value * 100) / 100
}
