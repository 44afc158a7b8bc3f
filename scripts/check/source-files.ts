import { globSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { runProgram } from '../process/run-program.ts'
import { projectRoot } from '../setup/project-root.ts'

const GIT_DEADLINE_MS = 30_000
/** Outside of git (an unpacked archive) these folders are nobody's source. */
const notSource = /(^|\/)(node_modules|dist|\.git|\.proactive|coverage)(\/|$)/

/** One way a file breaks a rule. */
export interface Finding {
  /** Relative to the project's folder. */
  readonly file: string
  /** 1-based; 0 for the file as a whole. */
  readonly line: number
  readonly message: string
}

export const formatFinding = ({ file, line, message }: Finding): string =>
  line > 0 ? `${file}:${line}  ${message}` : `${file}  ${message}`

/** The project's files, relative to its folder: what git tracks or would track. */
export async function listSourceFiles(): Promise<string[]> {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const { code, stdout } = await runProgram('git', args, { cwd: projectRoot, timeoutMs: GIT_DEADLINE_MS })
  const files =
    code === 0
      ? stdout.split('\0').filter((file) => file !== '')
      : globSync('**/*', { cwd: projectRoot, exclude: (path) => notSource.test(path) })
  return files.filter((file) => statSync(join(projectRoot, file), { throwIfNoEntry: false })?.isFile()).sort()
}

/** The line of a position in a text, 1-based. */
export function lineAt(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line++
  return line
}
