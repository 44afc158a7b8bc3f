import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { influxdConfig } from './config.ts'

/** Cold start on a busy two-core machine takes 1–2 s; an index to read back takes longer. */
const READY_DEADLINE_MS = 30_000
const READY_POLL_MS = 50
/** influxd closes its shards on SIGTERM; then it is killed. */
const STOP_DEADLINE_MS = 10_000
const LOG_TAIL_CHARS = 400

export interface InfluxdOptions {
  /** Where data, configuration, pid and log of this server lie; made where it lacks. */
  readonly dataDir: string
  /** HTTP port on 127.0.0.1; 0 takes a free one. */
  readonly port?: number
  /** InfluxDB 1.x, a path or a name on PATH. */
  readonly binary?: string
  readonly env?: NodeJS.ProcessEnv
  readonly readyWithinMs?: number
}

export interface RunningInfluxd {
  readonly url: string
  readonly pid: number
  /** Where it writes what it has to say. */
  readonly logFile: string
  /** Resolves with the exit code when it ends, asked or not. */
  readonly ended: Promise<number | null>
  /** Ends it and waits; safe to call twice. */
  stop(): Promise<void>
}

/**
 * Starts an InfluxDB 1.x server of our own on loopback: both of its addresses bind 127.0.0.1, it reports to nobody.
 * @throws Error with one sentence and the end of its log when it does not answer `/ping` in time.
 */
export async function startInfluxd(options: InfluxdOptions): Promise<RunningInfluxd> {
  const binary = options.binary ?? 'influxd'
  await mkdir(options.dataDir, { recursive: true })
  await endLeftover(options.dataDir, binary)
  const port = await claimPort(options.port ?? 0)
  const configFile = join(options.dataDir, 'influxd.conf')
  const logFile = join(options.dataDir, 'influxd.log')
  await writeFile(configFile, influxdConfig({ dataDir: options.dataDir, port }))
  const log = await open(logFile, 'w')
  const child = spawn(binary, ['run', '-config', configFile], {
    stdio: ['ignore', log.fd, log.fd],
    // A Ctrl-C in the terminal must not reach it before those who still write to it.
    detached: true,
    env: { ...(options.env ?? process.env), INFLUXDB_REPORTING_DISABLED: 'true' },
  })
  const ended = exitOf(child)
  await log.close()
  const pidFile = join(options.dataDir, 'influxd.pid')
  if (child.pid !== undefined) await writeFile(pidFile, `${child.pid}\n`)
  // A starter that ends without stop() takes its server along; one that is killed leaves the pid file to the next start.
  const endWithUs = () => void child.kill('SIGTERM')
  process.once('exit', endWithUs)
  const stop = async () => {
    process.off('exit', endWithUs)
    await endChild(child, ended)
    await rm(pidFile, { force: true })
  }
  const url = `http://127.0.0.1:${port}`
  try {
    await untilReady(url, ended, options.readyWithinMs ?? READY_DEADLINE_MS)
  } catch (cause) {
    await stop()
    const tail = (await readFile(logFile, 'utf8').catch(() => '')).trim().slice(-LOG_TAIL_CHARS)
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Error(
      `InfluxDB (${binary}) did not start: ${why}${tail === '' ? '' : `; its log ends: ${tail}`}`,
      {
        cause,
      },
    )
  }
  return { url, pid: child.pid ?? 0, logFile, ended, stop }
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    child.once('error', () => resolve(127))
    child.once('exit', (code) => resolve(code))
  })
}

async function endChild(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  child.kill('SIGTERM')
  const killer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS)
  await ended
  clearTimeout(killer)
}

async function untilReady(url: string, ended: Promise<number | null>, withinMs: number): Promise<void> {
  const deadline = AbortSignal.timeout(withinMs)
  let exitCode: number | null | undefined
  void ended.then((code) => {
    exitCode = code
  })
  while (!deadline.aborted) {
    if (exitCode !== undefined)
      throw new Error(exitCode === 127 ? 'the program was not found' : `it ended with code ${exitCode}`)
    const isUp = await fetch(`${url}/ping`, { signal: deadline })
      .then((response) => response.status === 204)
      .catch(() => false)
    if (isUp) return
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS))
  }
  throw new Error(`no answer within ${Math.round(withinMs / 1000)} s`)
}

/** A server of a killed run still holds the folder: it is ours by its pid file and its command line, so it is ended. */
async function endLeftover(dataDir: string, binary: string): Promise<void> {
  const pidFile = join(dataDir, 'influxd.pid')
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => ''))
  if (!Number.isInteger(pid) || pid <= 1) return
  const isOurs = async () => {
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    return commandLine.split('\0').includes(join(dataDir, 'influxd.conf'))
  }
  if (await isOurs()) process.kill(pid, 'SIGTERM')
  const deadline = Date.now() + STOP_DEADLINE_MS
  while (await isOurs()) {
    if (Date.now() > deadline)
      throw new Error(`${binary} of an earlier run (process ${pid}) does not end; end it and start again.`)
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS))
  }
  await rm(pidFile, { force: true })
}

/**
 * The port, found free a moment ago; 0 takes any. Looked at before the start, because somebody else's InfluxDB on it would answer our `/ping`.
 * @throws Error with one sentence where it is taken.
 */
function claimPort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new Error(
          `InfluxDB did not start: port ${port} on 127.0.0.1 cannot be had (${cause.code === 'EADDRINUSE' ? 'another program holds it' : cause.code}).`,
          { cause },
        ),
      ),
    )
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      const found = address !== null && typeof address === 'object' ? address.port : 0
      server.close(() => resolve(found))
    })
  })
}
