import { spawn } from 'node:child_process'

/** More output than any caller reads; the rest is dropped from the front. */
const MAX_OUTPUT_CHARS = 4_000_000
/** Time for a program to end after SIGTERM before it is killed. */
const KILL_AFTER_MS = 2_000

export interface ProgramResult {
  /** Exit code; 127 when the program could not be started, 124 when the deadline ended it, as in a shell. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface ProgramOptions {
  readonly timeoutMs: number
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  /** What it reads on stdin; nothing unless given. */
  readonly input?: string
}

/** Runs a program to its end and keeps what it says. Never rejects: a failure is a code and a text. */
export function runProgram(
  file: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: options.cwd, env: options.env, stdio: ['pipe', 'pipe', 'pipe'] })
    // A program that does not read its input ends the pipe; what matters is its exit code.
    child.stdin.on('error', () => undefined).end(options.input ?? '')
    const output = { stdout: '', stderr: '' }
    let isLate = false
    const deadline = setTimeout(() => {
      isLate = true
      child.kill('SIGTERM')
      killTimer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS)
    }, options.timeoutMs)
    let killTimer: NodeJS.Timeout | undefined
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        output[name] = (output[name] + chunk).slice(-MAX_OUTPUT_CHARS)
      })
    }
    const finish = (code: number, note: string) => {
      clearTimeout(deadline)
      clearTimeout(killTimer)
      resolve({ code, stdout: output.stdout, stderr: output.stderr + note })
    }
    child.on('error', (error) => finish(127, `${file} could not be started: ${error.message}\n`))
    child.on('close', (code) => {
      if (isLate) finish(124, `${file} was stopped after ${Math.round(options.timeoutMs / 1000)} s\n`)
      else finish(code ?? 1, '')
    })
  })
}
