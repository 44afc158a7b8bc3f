import type { EpochMs } from '@proactive/shared'
import { exchanges, usualRange } from './baseline.ts'
import type { LocationUsual } from './model.ts'
import type { PathFacts } from './quality.ts'
import type { Turn } from './turn.ts'

const hourMs = 3_600_000

/** What is usual moves by the hour, and nobody watches it: once an hour is enough. */
export function isUsualDue(fromMs: EpochMs, toMs: EpochMs): boolean {
  return Math.floor(fromMs / hourMs) !== Math.floor(toMs / hourMs)
}

/** Tells people what is usual now on the paths whose quality is learned; no judgement hangs on it. */
export function tellUsual({ state, effects, nowMs }: Turn, season: number): void {
  const paths = state.paths.flatMap((path) => {
    const range = usualRange(path.baseline, season)
    if (range === null) return []
    const share = shareOf(path)
    return [
      {
        kind: path.kind,
        subject: path.subject,
        lowMs: round(range.lowMs / share),
        highMs: round(range.highMs / share),
      },
    ]
  })
  const usual: LocationUsual = { locationId: state.locationId, atMs: nowMs, paths }
  if (paths.length > 0) effects.push({ type: 'usual', usual })
}

/** Of a line the round trip is shown, of which a payment feels several. */
function shareOf({ kind }: PathFacts): number {
  return kind === 'line' ? exchanges : 1
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100
}
