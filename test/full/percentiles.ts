/** Nearest-rank percentile of a sorted or unsorted sample; NaN where it is empty. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN
}

export interface TrialRow {
  readonly fault: string
  readonly secondUplink: boolean
  readonly limitSeconds: number | null
  /** Fault injected → Issue open, one a repetition; null where none opened. */
  readonly seconds: readonly (number | null)[]
  /** Mended → the Issue carries the true cause and its owner; fewer than repetitions where some never did in time. */
  readonly explained: readonly number[]
  /** Mended → all its Issues are resolved, of those that ended rightly. */
  readonly resolved: readonly number[]
  /** Issues beside the first, over all repetitions. */
  readonly childIssues: number
  /** Repetitions whose Issue ended with the wrong cause or Team, or none. */
  readonly wrong: number
}

/** A dated report in Markdown: one line a fault. */
export function report(
  rows: readonly TrialRow[],
  facts: { date: string; repetitions: number; machine: string },
): string {
  const seconds = (values: readonly (number | null)[], share: number) => {
    const value = percentile(
      values.filter((one) => one !== null),
      share,
    )
    return Number.isNaN(value) ? '–' : value.toFixed(1)
  }
  const lines = rows.map((row) => {
    const limit = row.limitSeconds === null ? 'no Issue' : `p95 ≤ ${row.limitSeconds} s`
    const opened = row.seconds.filter((one) => one !== null).length
    return `| \`${row.fault}\` | ${row.secondUplink ? 'yes' : 'no'} | ${limit} | ${opened} of ${row.seconds.length} | ${seconds(row.seconds, 0.5)} | ${seconds(row.seconds, 0.95)} | ${seconds(row.seconds, 1)} | ${seconds(row.explained, 0.95)} | ${seconds(row.resolved, 0.95)} | ${row.childIssues} | ${row.wrong} |`
  })
  return `# Faults, ${facts.repetitions} times each
${facts.date}, ${facts.machine}. Real lab, real processes; seconds = fault injected → Issue open; explained = mended → the Issue carries
the true cause and its owner; resolved = mended → the Issue is resolved by itself. Made by \`npm run test:full\`.

| fault | second way out | to hold | Issues | p50 | p95 | max | explained p95 | resolved p95 | child Issues | wrong cause or Team |
|---|---|---|---|---|---|---|---|---|---|---|
${lines.join('\n')}
`
}
