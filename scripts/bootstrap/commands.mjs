/**
 * Which program a command starts, and with which arguments before the user's own.
 * @typedef {{ main: string, args: string[] }} Entry
 */

/** npm scripts by name. Paths are relative to the project's root. */
const entryByCommand = new Map([
  ['start', { main: 'scripts/start/main.ts', args: [] }],
  ['setup', { main: 'scripts/setup/main.ts', args: [] }],
  ['test', { main: 'scripts/test/main.ts', args: [] }],
  ['test-full', { main: 'scripts/test/main.ts', args: ['--full'] }],
  ['check', { main: 'scripts/check/main.ts', args: [] }],
  ['format', { main: 'scripts/format/main.ts', args: [] }],
  ['lab', { main: 'scripts/lab/main.ts', args: [] }],
  ['simulate', { main: 'scripts/simulate/main.ts', args: [] }],
  ['replay', { main: 'scripts/replay/main.ts', args: [] }],
  ['identify', { main: 'scripts/identify/main.ts', args: [] }],
  ['bench', { main: 'scripts/bench/main.ts', args: [] }],
  ['screenshots', { main: 'scripts/screenshots/main.ts', args: [] }],
  ['firmware', { main: 'scripts/firmware/main.ts', args: [] }],
])

/** The workspaces' own programs, started by `program <name>` from their bin files. */
const entryByProgram = new Map([
  ['agent', { main: 'agent/src/main.ts', args: [] }],
  ['ingest', { main: 'ingest/src/main.ts', args: [] }],
  ['helpdesk', { main: 'helpdesk/src/main.ts', args: [] }],
])

/**
 * Finds what a command line starts.
 * @param {readonly string[]} argv what stands behind `bootstrap.mjs`
 * @returns {Entry | string} the program with all its arguments, or the sentence for a user who mistyped
 */
export function resolveEntry(argv) {
  const [command, ...rest] = argv
  if (command === 'program') {
    const [name, ...args] = rest
    const entry = entryByProgram.get(name ?? '')
    if (entry) return { main: entry.main, args: [...entry.args, ...args] }
    return `There is no program "${name ?? ''}"; choose one of: ${[...entryByProgram.keys()].join(', ')}.`
  }
  const entry = entryByCommand.get(command ?? '')
  if (entry) return { main: entry.main, args: [...entry.args, ...rest] }
  const known = [...entryByCommand.keys()].map((name) => (name === 'test-full' ? 'test:full' : name))
  return `There is no command "${command ?? ''}"; use npm run with one of: ${known.join(', ')}.`
}
