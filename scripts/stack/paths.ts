import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's root folder. */
export const projectRoot = fileURLToPath(new URL('../..', import.meta.url))

/** Where the demo keeps its data: `PROACTIVE_DATA`, default `.proactive` in the project. */
export function dataFolder(env: NodeJS.ProcessEnv): string {
  return resolve(projectRoot, env.PROACTIVE_DATA || '.proactive')
}

/** Command line that starts one of our programs with the running Node. */
export function programArgv(
  program: 'agent' | 'ingest' | 'helpdesk',
  ...args: string[]
): [string, ...string[]] {
  return [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    resolve(projectRoot, program, 'src/main.ts'),
    ...args,
  ]
}
