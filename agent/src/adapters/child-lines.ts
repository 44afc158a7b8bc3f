import { execFile, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
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

export interface ChildOptions {
  /**
   * Reads what the child printed at most this often: after each read the pipe is left alone for so long. A program that prints a line a millisecond
   * otherwise wakes this process for each (measured: 200 devices, four times the processor time of fping itself).
   */
  readonly gatherMs?: number
}

/** Starts a program that prints lines for as long as it lives. Its environment is English; nothing is read from our stdin. */
export function startChild(
  program: string,
  args: readonly string[],
  events: ChildEvents,
  { gatherMs }: ChildOptions = {},
): Stop {
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
  if (gatherMs !== undefined) gather(child.stdout, gatherMs)
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

/** What lies beneath a child's pipe. Pausing the stream alone does not help: it goes on reading, a line at a time, until 64 KB are full. */
interface PipeHandle {
  readStop(): void
  readStart(): void
}

/** Leaves the pipe alone for a while after each read; the kernel holds 64 KB meanwhile. Where Node has no such handle all stays as it was. */
function gather(
  stream: Readable & { readonly _handle?: Partial<PipeHandle> | null },
  gatherMs: number,
): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  stream.on('data', () => {
    const handle = stream._handle
    if (timer !== undefined || handle?.readStop === undefined) return
    handle.readStop()
    timer = setTimeout(() => {
      timer = undefined
      if (!stream.destroyed) stream._handle?.readStart?.()
    }, gatherMs)
  })
  stream.once('close', () => clearTimeout(timer))
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
