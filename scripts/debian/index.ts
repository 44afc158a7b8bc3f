import { accessSync, constants, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { withFileLock } from '../bootstrap/file-lock.mjs'
import { type StepRunner, silentSteps } from '../progress/steps.ts'
import { installTools } from './install-tools.ts'
import { isSettled, readManifest } from './manifest.ts'
import { type Absence, explainMissing } from './missing.ts'
import { cacheFolder, machineKind } from './release.ts'
import type { ToolName } from './tools.ts'

export { labTools, startTools, type ToolName, testTools } from './tools.ts'

const LOCK_DEADLINE_MS = 10 * 60_000

/** Programs at hand: start them by name with `env`, or by path in `binFolder`. */
export interface DebianTools {
  readonly binDir: string
  /** `PATH` with the tools first; the system folders that an ordinary user's PATH may lack come last. */
  readonly env: { readonly PATH: string }
  /** Tools this machine does not have and we could not fetch. */
  readonly missing: readonly ToolName[]
  /** For the user: a sentence per cause why tools are missing, with what to do. */
  readonly complaints: readonly string[]
}

export interface DebianToolsOptions {
  readonly env?: NodeJS.ProcessEnv
  /** Runs each step that takes time; silent by default. */
  readonly onProgress?: StepRunner
  /** Looks again for what was missing a moment ago. */
  readonly retryMissing?: boolean
}

/**
 * Makes programs of Debian packages available without installing anything: the machine's own copy where there is one,
 * else the package and the libraries this machine lacks, extracted into the user's cache
 * (`$XDG_CACHE_HOME/proactive/debian/<processor>-<release>`). Needs no root, starts no service. Costs milliseconds when
 * everything is there. Never rejects for a tool that cannot be had: that one is named in `missing`, the reason in `complaints`.
 */
export async function ensureDebianTools(
  names: readonly ToolName[],
  options: DebianToolsOptions = {},
): Promise<DebianTools> {
  const env = options.env ?? process.env
  const folder = join(cacheFolder(env), 'debian', machineKind())
  const binDir = join(folder, 'bin')
  const unsettled = () => {
    const stateByTool = readManifest(folder)
    return names.filter((name) => {
      const state = stateByTool.get(name)
      if (options.retryMissing && state?.kind === 'missing') return true
      return !isSettled(binDir, name, state, Date.now())
    })
  }
  if (unsettled().length > 0) {
    if (!isWritable(folder)) {
      const absence = { cause: 'no-folder', detail: folder } as const
      return result(
        binDir,
        env,
        unsettled().map((name) => ({ name, absence })),
      )
    }
    await withFileLock(join(folder, 'lock'), { timeoutMs: LOCK_DEADLINE_MS }, async () => {
      // Somebody may have fetched them while we waited.
      const wanted = unsettled()
      if (wanted.length > 0) await installTools(folder, wanted, options.onProgress ?? silentSteps)
    })
  }
  const stateByTool = readManifest(folder)
  const missing = names.flatMap((name) => {
    const state = stateByTool.get(name)
    return state?.kind === 'missing' ? [{ name, absence: state.absence }] : []
  })
  return result(binDir, env, missing)
}

function result(
  binDir: string,
  env: NodeJS.ProcessEnv,
  missing: readonly { readonly name: ToolName; readonly absence: Absence }[],
): DebianTools {
  return {
    binDir,
    env: { PATH: toolPath(binDir, env) },
    missing: missing.map(({ name }) => name),
    complaints: explainMissing(missing),
  }
}

function toolPath(binDir: string, env: NodeJS.ProcessEnv): string {
  const path = (env.PATH || '/usr/local/bin:/usr/bin:/bin').split(':')
  const systemFolders = ['/usr/sbin', '/sbin'].filter((folder) => !path.includes(folder))
  return [binDir, ...path.filter((folder) => folder !== binDir), ...systemFolders].join(':')
}

function isWritable(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true })
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}
