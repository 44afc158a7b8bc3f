import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { openLogFile } from './log-file.ts'

/** What a program announces on stdout, a line each: `{"event":"listening", …}` when it takes requests, and what it says in the same breath. */
const announcementSchema = z.object({ event: z.string().max(40) }).catchall(z.string())
const stopGraceMs = 5_000

export interface ServiceOptions {
  readonly name: string
  /** Program and arguments. */
  readonly argv: readonly [string, ...string[]]
  readonly env: NodeJS.ProcessEnv
  /** Takes its log (stderr) and what it says after the listening line. */
  readonly logFile: string
  readonly readyTimeoutMs: number
  /** Told at once, long before it is ready: whoever must be able to end it later. */
  readonly onSpawned?: ((name: string, pid: number) => void) | undefined
}

export interface ServiceExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A long-running program that we started and that we end, by pid. */
export interface Service {
  readonly name: string
  readonly pid: number
  /** Addresses from its listening line, by name (`web`, `mqtt`, …). */
  readonly addresses: ReadonlyMap<string, string>
  /** Everything it announced so far, by event. */
  readonly announcements: ReadonlyMap<string, ReadonlyMap<string, string>>
  readonly exited: Promise<ServiceExit>
  kill(signal: NodeJS.Signals): void
  /** SIGTERM, then SIGKILL after 5 s; safe to call twice. */
  stop(): Promise<void>
}

/** Why a service did not come up; the message ends with the last line it said. */
export class ServiceStartError extends Error {
  override readonly name = 'ServiceStartError'
}

/**
 * Starts a program and waits for its listening line.
 * @throws ServiceStartError when it ends or stays silent before that.
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const [file, ...args] = options.argv
  // A group of its own: Ctrl-C in the terminal reaches the supervisor alone, which then ends everything in order.
  const child = spawn(file, args, { env: options.env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  if (child.pid !== undefined) options.onSpawned?.(options.name, child.pid)
  const log = openLogFile(options.logFile)
  let lastWords = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log.write(text)
    lastWords = (lastWords + text).slice(-4_000)
  })
  const exited = new Promise<ServiceExit>((resolve) => {
    child.once('error', () => resolve({ code: 127, signal: null }))
    child.once('close', (code, signal) => {
      log.end()
      resolve({ code, signal })
    })
  })
  const announcements = new Map<string, ReadonlyMap<string, string>>()
  const listening = new Promise<ReadonlyMap<string, string>>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      log.write(`${line}\n`)
      const parsed = safeParseAnnouncement(line)
      if (parsed === undefined) return
      announcements.set(parsed.get('event') ?? '', parsed)
      if (parsed.get('event') === 'listening') resolve(parsed)
    })
  })
  const deadline = new AbortController()
  const late = new Promise<'late'>((resolve) => {
    const timer = setTimeout(() => resolve('late'), options.readyTimeoutMs)
    deadline.signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
  })
  const first = await Promise.race([listening, exited, late])
  deadline.abort()
  if (first === 'late' || 'code' in first) {
    child.kill('SIGKILL')
    const why =
      first === 'late'
        ? `was not ready after ${options.readyTimeoutMs / 1000} s`
        : `ended (${first.signal ?? first.code})`
    throw new ServiceStartError(`${options.name} ${why}: ${lastLine(lastWords)}`)
  }
  return {
    name: options.name,
    pid: child.pid ?? 0,
    addresses: first,
    announcements,
    exited,
    kill: (signal) => void child.kill(signal),
    stop: async () => {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), stopGraceMs)
      await exited
      clearTimeout(timer)
    },
  }
}

function safeParseAnnouncement(line: string): ReadonlyMap<string, string> | undefined {
  try {
    const parsed = announcementSchema.safeParse(JSON.parse(line.slice(0, 4_096)))
    return parsed.success ? new Map(Object.entries(parsed.data)) : undefined
  } catch {
    return undefined
  }
}

/** The last line of a log; a pino line is reduced to its sentence. */
function lastLine(text: string): string {
  const line = text.trimEnd().split('\n').at(-1) ?? ''
  try {
    const parsed = z.object({ msg: z.string() }).safeParse(JSON.parse(line))
    return parsed.success ? parsed.data.msg : line
  } catch {
    return line || 'it said nothing'
  }
}
