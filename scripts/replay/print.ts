import type { Replay, ReplayedIncident } from './replay.ts'

/** The replay as a table for people; times in UTC. */
export function formatReplay({ incidents, verdicts }: Replay): string {
  const rows = incidents.map((incident) => [
    timeWords(incident.openedAtMs),
    incident.closedAtMs === null ? 'open' : timeWords(incident.closedAtMs),
    incident.cause,
    incident.rootDevice ?? '–',
    incident.ownerRole,
    String(incident.affected.length),
    incident.headline,
  ])
  const head = ['Issue opens (UTC)', 'resolved (UTC)', 'cause', 'device', 'owner', 'affected', 'headline']
  const lines =
    incidents.length === 0
      ? ['No incident.']
      : [...table([head, ...rows]), '', ...incidents.flatMap(storyLines)]
  const told = verdicts.map(({ atMs, sentence }) => `  ${timeWords(atMs)}  ${sentence}`)
  return [...lines, '', 'What the page said:', ...told].join('\n')
}

function storyLines({ key, changes }: ReplayedIncident): string[] {
  return [
    key,
    ...changes.map(({ atMs, change, cause }) => `  ${timeWords(atMs)}  ${change.padEnd(9)}  ${cause}`),
  ]
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

function timeWords(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')
}
