/** Lets through so many lines of one kind a minute: what strangers can cause must not fill the disk. The counters still see everything. */
export function createLogBudget(linesPerMinute: number, nowMs: () => number): (kind: string) => boolean {
  const linesByKind = new Map<string, { since: number; lines: number }>()
  return (kind) => {
    const now = nowMs()
    const current = linesByKind.get(kind)
    if (current === undefined || now - current.since >= 60_000) {
      linesByKind.set(kind, { since: now, lines: 1 })
      return true
    }
    current.lines++
    return current.lines <= linesPerMinute
  }
}
