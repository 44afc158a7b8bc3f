import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { inNode, inNodeWithSys } from './command.ts'

/** How a program ended; one of the two is null. */
export interface Exit {
  readonly code: number | null
  readonly signal: string | null
}

/** A program running inside a node. */
export interface Program {
  readonly exited: Promise<Exit>
  /** Sends a signal; does nothing once the program has ended. */
  signal(name: NodeJS.Signals): void
}

/** One of the lab's own services; everything it says goes to its log file and to `onLine`. */
export interface Service extends Program {
  /** Resolves with true when a line matching `ready` was seen, with false when the deadline came first. */
  isReady(deadlineMs: number): Promise<boolean>
  /** As `isReady`, for a line that comes after this call. */
  says(line: RegExp, deadlineMs: number): Promise<boolean>
  /** What it said last, to explain a failure. */
  lastWords(): string
  /** Writes a line to its standard input. */
  tell(line: string): void
}

export function startService(options: {
  readonly node: string
  readonly argv: readonly string[]
  readonly logFile: string
  readonly ready: RegExp
  readonly env?: NodeJS.ProcessEnv
  readonly onLine?: (line: string) => void
}): Service {
  const { node, argv, logFile, ready, env = {}, onLine } = options
  const [program = '', ...args] = inNode(node, argv)
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } })
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 })
  log.on('error', () => undefined)
  child.stdin.on('error', () => undefined)
  let lastLines: string[] = []
  const expected = new Map<(isSaid: boolean) => void, RegExp>()
  const says = (line: RegExp) => new Promise<boolean>((resolve) => void expected.set(resolve, line))
  const readiness = says(ready)
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      log.write(`${line}\n`)
      lastLines = [...lastLines.slice(-1), line]
      onLine?.(line)
      for (const [resolve, pattern] of expected) {
        if (!pattern.test(line)) continue
        expected.delete(resolve)
        resolve(true)
      }
    })
  }
  const exited = exitOf(child)
  void exited.then(() => {
    for (const resolve of expected.keys()) resolve(false)
    log.end()
  })
  return {
    exited,
    signal: (name) => void child.kill(name),
    isReady: (deadlineMs) => within(readiness, deadlineMs),
    says: (line, deadlineMs) => within(says(line), deadlineMs),
    lastWords: () => lastLines.join('; '),
    tell: (line) => void child.stdin.write(`${line}\n`),
  }
}

/** A program under test: what it writes goes to `logFile`, appended. */
export interface GuestSpec {
  readonly node: string
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly logFile: string
}

export async function startGuest(spec: GuestSpec): Promise<Program> {
  const log = await open(spec.logFile, 'a', 0o600)
  try {
    const [program = '', ...args] = inNodeWithSys(spec.node, spec.argv)
    const child = spawn(program, args, {
      stdio: ['ignore', log.fd, log.fd],
      env: { ...process.env, ...spec.env },
      cwd: spec.cwd,
    })
    return { exited: exitOf(child), signal: (name) => void child.kill(name) }
  } finally {
    await log.close()
  }
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('error', () => resolve({ code: 127, signal: null }))
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
}

/** Resolves with false when the deadline passes first. */
function within(promise: Promise<boolean>, deadlineMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), deadlineMs)
    void promise.then((value) => {
      clearTimeout(timer)
      resolve(value)
    })
  })
}
