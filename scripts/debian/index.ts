import { accessSync, constants, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { withFileLock } from '../bootstrap/file-lock.mjs'
import { type StepRunner, silentSteps } from '../progress/steps.ts'
import { installTools } from './install-tools.ts'
import { isSettled, readManifest } from './manifest.ts'
import { cacheFolder, machineKind } from './release.ts'
import type { ToolName } from './tools.ts'

export { labTools, startTools, type ToolName, testTools } from './tools.ts'

const LOCK_DEADLINE_MS = 10 * 60_000

/** A tool this machine does not have and we could not fetch. */
export interface MissingTool {
  readonly name: ToolName
  /** One sentence for the user, with what to do. */
  readonly reason: string
}

/** Programs at hand: start them by name with `env`, or by path in `binFolder`. */
export interface DebianTools {
  readonly binDir: string
  /** `PATH` with the tools first; the system folders that an ordinary user's PATH may lack come last. */
  readonly env: { readonly PATH: string }
  readonly missing: readonly MissingTool[]
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
 * everything is there. Never rejects for a tool that cannot be had: that one is named in `missing`.
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
    const complaint = complainAboutFolder(folder)
    if (complaint !== undefined) {
      const missing = unsettled().map((name) => ({ name, reason: `${name} cannot be fetched: ${complaint}` }))
      return { binDir, env: toolEnv(binDir, env), missing }
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
    return state?.kind === 'missing' ? [{ name, reason: state.reason }] : []
  })
  return { binDir, env: toolEnv(binDir, env), missing }
}

function toolEnv(binDir: string, env: NodeJS.ProcessEnv): { PATH: string } {
  const path = (env.PATH || '/usr/local/bin:/usr/bin:/bin').split(':')
  const systemFolders = ['/usr/sbin', '/sbin'].filter((folder) => !path.includes(folder))
  return { PATH: [binDir, ...path.filter((folder) => folder !== binDir), ...systemFolders].join(':') }
}

function complainAboutFolder(folder: string): string | undefined {
  try {
    mkdirSync(folder, { recursive: true })
    accessSync(folder, constants.W_OK)
    return undefined
  } catch {
    return `${folder} cannot be written; set XDG_CACHE_HOME to a folder of yours and run the same command again.`
  }
}
