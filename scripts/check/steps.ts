import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { runProgram } from '../process/run-program.ts'
import { projectRoot } from '../setup/project-root.ts'
import { applyOwnRules } from './own-rules.ts'
import { formatFinding } from './source-files.ts'

const TOOL_DEADLINE_MS = 180_000

export interface CheckStep {
  readonly name: string
  /** Resolves with what has to be repaired, or with nothing when all is well. */
  readonly run: () => Promise<string | undefined>
}

const bin = (path: string): string => join(projectRoot, 'node_modules', ...path.split('/'))

/** A check by a program of node_modules that fails with an exit code and a text. */
function toolStep(name: string, script: string, args: readonly string[], cwd = projectRoot): CheckStep {
  const run = async () => {
    const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined }
    const result = await runProgram(process.execPath, [script, ...args], {
      cwd,
      env,
      timeoutMs: TOOL_DEADLINE_MS,
    })
    return result.code === 0 ? undefined : `${result.stdout}${result.stderr}`.trim()
  }
  return { name, run }
}

const ownRules: CheckStep = {
  name: 'import rules, sizes, hygiene',
  run: async () => {
    const findings = await applyOwnRules()
    return findings.length === 0 ? undefined : findings.map(formatFinding).join('\n')
  },
}

const svelteCheck = ['node_modules/svelte-check', 'console/node_modules/svelte-check']
  .map((folder) => join(projectRoot, folder, 'bin', 'svelte-check'))
  .find((path) => existsSync(path))

/** The checks, longest first, so that two at a time end together. */
export const checkSteps: readonly CheckStep[] = [
  ...(svelteCheck !== undefined && existsSync(join(projectRoot, 'console', 'tsconfig.json'))
    ? [
        toolStep(
          'types of the console (svelte-check)',
          svelteCheck,
          ['--tsconfig', './tsconfig.json', '--output', 'human', '--fail-on-warnings'],
          join(projectRoot, 'console'),
        ),
      ]
    : []),
  toolStep('types (tsc)', bin('typescript/bin/tsc'), ['--noEmit', '-p', 'tsconfig.json']),
  toolStep('floating promises (oxlint)', bin('oxlint/bin/oxlint'), [
    '--type-aware',
    '--deny-warnings',
    '--quiet',
  ]),
  toolStep('format and lint (biome)', bin('@biomejs/biome/bin/biome'), [
    'ci',
    '--colors=off',
    '--assist-enabled=false',
    '--error-on-warnings',
    '--max-diagnostics=50',
  ]),
  ownRules,
]

/** Looks at everything the others did, so it goes last and alone. */
export const lastStep: CheckStep = toolStep('unused code (knip)', bin('knip/bin/knip.js'), [
  '--no-progress',
  '--no-config-hints',
])
