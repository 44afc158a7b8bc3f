import { runProgram } from '../../../scripts/process/run-program.ts'

const TOOL_DEADLINE_MS = 15 * 60_000

/**
 * Runs a tool that must succeed and gives what it printed.
 * @throws Error with the tool's own last words
 */
export async function runTool(
  file: string,
  args: readonly string[],
  options: { readonly env: NodeJS.ProcessEnv; readonly cwd?: string; readonly timeoutMs?: number },
): Promise<string> {
  const { timeoutMs = TOOL_DEADLINE_MS, ...rest } = options
  const { code, stdout, stderr } = await runProgram(file, args, { timeoutMs, ...rest })
  if (code === 0) return stdout
  const words = (stderr.trim() || stdout.trim()).split('\n').slice(-3).join(' / ')
  throw new Error(`${file} failed (${code}): ${words || 'it said nothing'}`)
}
