import type { ToolName } from '../debian/index.ts'

/** One number of a run, and what it has to hold. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** Holds when `value` is at most (or at least) this; absent = told for comparison only. */
  readonly atMost?: number
  readonly atLeast?: number
}

export interface BenchResult {
  readonly figures: readonly Figure[]
  /** More of the result, as it stands in the JSON beside the figures: runs one by one, peers. */
  readonly fields?: Readonly<Record<string, unknown>>
  /** Why the run says nothing, where it does not (a machine too busy, a tool missing). */
  readonly invalid?: string
}

export interface BenchContext {
  /** One line of progress, on stderr. */
  say(line: string): void
  /** An empty folder of this run, removed afterwards. */
  readonly workDir: string
}

/** A benchmark: it measures ours and its peer in the same run, inside a network of its own. */
export interface Bench {
  readonly name: string
  /** One line for the list. */
  readonly summary: string
  readonly tools: readonly ToolName[]
  run(context: BenchContext): Promise<BenchResult>
}

/** Whether a figure keeps its promise; one without a promise does. */
export function holds({ value, atMost, atLeast }: Figure): boolean {
  return (atMost === undefined || value <= atMost) && (atLeast === undefined || value >= atLeast)
}

/** The result as people read it, one figure per line. */
export function formatFigures(figures: readonly Figure[]): string {
  return figures
    .map((figure) => {
      const { name, value, unit, atMost, atLeast } = figure
      const promise = atMost !== undefined ? `≤ ${atMost}` : atLeast !== undefined ? `≥ ${atLeast}` : ''
      const verdict = promise === '' ? '' : holds(figure) ? '  held' : '  NOT HELD'
      return `  ${name.padEnd(52)} ${formatNumber(value).padStart(12)} ${unit.padEnd(10)} ${promise}${verdict}`.trimEnd()
    })
    .join('\n')
}

const formatNumber = (value: number): string =>
  Number.isInteger(value) || Math.abs(value) >= 1_000
    ? Math.round(value).toLocaleString('en-US')
    : value.toPrecision(3)

/** The run as one JSON object: figures by name with their unit and promise. */
export function toJson(bench: string, { figures, fields = {}, invalid }: BenchResult): string {
  return JSON.stringify({
    name: bench,
    bench,
    ...fields,
    isValid: invalid === undefined,
    isHeld: invalid === undefined && figures.every(holds),
    ...(invalid === undefined ? {} : { invalid }),
    figures: Object.fromEntries(
      figures.map(({ name, value, ...rest }) => [
        name,
        { value: Math.round(value * 1_000) / 1_000, ...rest },
      ]),
    ),
  })
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  if (sorted.length === 0) return Number.NaN
  return sorted.length % 2 === 1
    ? (sorted[Math.floor(middle)] ?? Number.NaN)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

/** Value below which the share `ratio` of all lies (nearest rank). */
export function percentile(values: readonly number[], ratio: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * ratio) - 1)] ?? Number.NaN
}
