import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { UsageError } from '@proactive/shared'
import type { Profile } from '../../ingest/src/faults/index.ts'
import { readInput } from './read-input.ts'
import { type ReplayedIncident, replay } from './replay.ts'
import { type Verdict, verdictOf } from './verdict.ts'

type Told = Verdict['incidents'][number]

/** What the rules as they are now say differently of one recording. */
export interface Difference {
  readonly recording: string
  /** Issues that open now and did not; that no longer open; and those of the same cause and root that moved in time, closed otherwise, or changed hands. */
  readonly opened: readonly string[]
  readonly gone: readonly string[]
  readonly changed: readonly string[]
}

/**
 * Replays every recording below a folder (`<case>/input.jsonl`) and holds it against what was told when it was stored (`expected.json` beside it).
 * @throws UsageError where there is nothing to compare.
 */
export function compareFolder(folder: string, profile: Profile): Difference[] {
  const cases = casesOf(folder)
  if (cases.length === 0)
    throw new UsageError(
      `Below ${folder} there is no recording with its verdict (<case>/input.jsonl and expected.json).`,
    )
  return cases.flatMap((path) => {
    const { entries, directory } = readInput(readFileSync(join(path, 'input.jsonl'), 'utf8'))
    const now = replay(entries, { env: 'replay', profile, directory }).incidents
    const before = (JSON.parse(readFileSync(join(path, 'expected.json'), 'utf8')) as Verdict).incidents
    const difference = differenceOf(basename(path), before, now)
    return difference.opened.length + difference.gone.length + difference.changed.length > 0
      ? [difference]
      : []
  })
}

function casesOf(folder: string): string[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new UsageError(`${folder} is no folder of recordings.`)
  return [folder, ...readdirSync(folder).map((name) => join(folder, name))]
    .filter((path) => existsSync(join(path, 'input.jsonl')) && existsSync(join(path, 'expected.json')))
    .sort()
}

/** The difference in Issues between two tellings of one recording. Incidents without an Issue count where they got one. */
export function differenceOf(
  recording: string,
  before: readonly Told[],
  replayed: readonly ReplayedIncident[],
): Difference {
  const rest = [...before]
  const opened: string[] = []
  const changed: string[] = []
  for (const now of verdictOf(replayed).incidents) {
    const place = rest.findIndex(
      ({ cause, rootDevice }) => cause === now.cause && rootDevice === now.rootDevice,
    )
    const was = place < 0 ? undefined : rest.splice(place, 1)[0]
    if (was === undefined) opened.push(words(now))
    else if (!isDeepStrictEqual(was, now)) changed.push(`${words(was)} → ${words(now)}`)
  }
  return { recording, opened, gone: rest.map(words), changed }
}

function words({ cause, rootDevice, openedAtMs, closedAtMs, issue }: Told): string {
  const at = (ms: number | null) =>
    ms === null ? 'open' : new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
  const desk = issue === null ? 'no Issue' : `${issue.team}, ${issue.product}`
  return `${cause} ${rootDevice ?? '–'} [${at(openedAtMs)} … ${at(closedAtMs)}] (${desk})`
}

/** For people: what opens, what does not any more, what changed. */
export function formatDifferences(differences: readonly Difference[], recordings: string): string {
  if (differences.length === 0) return `The rules say the same of every recording below ${recordings}.`
  return differences
    .flatMap(({ recording, opened, gone, changed }) => [
      recording,
      ...opened.map((text) => `  + ${text}`),
      ...gone.map((text) => `  - ${text}`),
      ...changed.map((text) => `  ~ ${text}`),
    ])
    .join('\n')
}
