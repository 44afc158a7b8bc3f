import { execFile, spawn } from 'node:child_process'
import type { Stop } from '../ports/index.ts'

/** Most characters of one line that are looked at; longer ones are cut. */
const maxLineChars = 4_096

/** Splits a byte stream into lines; a line that never ends does not grow without bound. */
export function createLineSplitter(onLine: (line: string) => void): (chunk: string) => void {
  let rest = ''
  return (chunk) => {
    const lines = (rest + chunk).split('\n')
    rest = (lines.pop() ?? '').slice(-maxLineChars)
    for (const line of lines) if (line !== '') onLine(line.slice(0, maxLineChars))
  }
}

export interface ChildEvents {
  onLine(line: string): void
  onErrorLine?(line: string): void
  /** The child ended by itself; `detail` says how. Not called after stop. */
  onExit(detail: string): void
}

/** Starts a program that prints lines for as long as it lives. Its environment is English; nothing is read from our stdin. */
export function startChild(program: string, args: readonly string[], events: ChildEvents): Stop {
  const child = spawn(program, [...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C' },
  })
  let isOver = false
  const end = (detail: string) => {
    if (isOver) return
    isOver = true
    events.onExit(detail)
  }
  child.stdout.setEncoding('utf8').on('data', createLineSplitter(guard(events.onLine)))
  child.stderr
    .setEncoding('utf8')
    .on('data', createLineSplitter(guard(events.onErrorLine ?? (() => undefined))))
  child.once('error', (error) => end(error.message))
  child.once('exit', (code, signal) => end(`ended with ${signal ?? `code ${code}`}`))

  function guard(handle: (line: string) => void): (line: string) => void {
    return (line) => {
      if (!isOver) handle(line)
    }
  }
  return () => {
    isOver = true
    child.kill('SIGKILL')
  }
}

export interface RunResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end. Rejects only where it could not be started or took too long. */
export function runProgram(program: string, args: readonly string[], timeoutMs: number): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    execFile(
      program,
      [...args],
      {
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
        maxBuffer: 4_000_000,
        env: { ...process.env, LC_ALL: 'C' },
      },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code
        if (typeof code === 'number') resolve({ code, stdout, stderr })
        else reject(error)
      },
    )
  })
}
