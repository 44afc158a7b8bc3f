import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)
const startTimeoutMs = 30_000
const versionsFolder = '/usr/lib/postgresql'

/** A PostgreSQL of our own in a temporary folder, reachable by its unix socket only. */
export interface PostgresServer {
  /** A fresh, empty database. */
  createDatabase(name: string): Promise<string>
  stop(): Promise<void>
}

/** Folder with `initdb` and `postgres`; undefined where this machine has no server (Debian package `postgresql`). */
export function findPostgres(): string | undefined {
  if (!existsSync(versionsFolder)) return undefined
  const versions = readdirSync(versionsFolder).sort((a, b) => Number(b) - Number(a))
  return versions
    .map((version) => join(versionsFolder, version, 'bin'))
    .find((bin) => existsSync(join(bin, 'initdb')))
}

/** Starts it; as root under Debian's user `postgres`, because the server refuses to be root. */
export async function startPostgres(bin: string): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'proactive-pg-'))
  const identity = process.getuid?.() === 0 ? serverIdentity() : {}
  if (identity.uid !== undefined) chownSync(folder, identity.uid, identity.gid ?? identity.uid)
  const data = join(folder, 'data')
  const options = { ...identity, cwd: folder, env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' } }
  let server: ChildProcess | undefined
  const stop = async () => {
    if (server?.exitCode === null) {
      server.kill('SIGINT')
      await once(server, 'exit')
    }
    rmSync(folder, { recursive: true, force: true })
  }
  const urlOf = (name: string) => `postgresql://postgres@localhost/${name}?host=${encodeURIComponent(folder)}`
  try {
    await run(
      join(bin, 'initdb'),
      ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync', '-E', 'UTF8'],
      options,
    )
    const settings = [
      'listen_addresses=',
      `unix_socket_directories=${folder}`,
      'fsync=off',
      'max_connections=40',
    ]
    server = spawn(join(bin, 'postgres'), ['-D', data, ...settings.flatMap((each) => ['-c', each])], {
      ...options,
      stdio: 'ignore',
    })
    const psql = (sql: string) =>
      run(join(bin, 'psql'), ['-h', folder, '-U', 'postgres', '-d', 'postgres', '-c', sql], options)
    const deadline = Date.now() + startTimeoutMs
    while (
      !(await psql('select 1').then(
        () => true,
        () => false,
      ))
    ) {
      if (Date.now() > deadline || server.exitCode !== null) throw new Error('PostgreSQL did not start')
      await delay(50)
    }
    return {
      createDatabase: async (name) => {
        await psql(`create database ${name}`)
        return urlOf(name)
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function serverIdentity(): { uid?: number; gid?: number } {
  const idOf = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: idOf('-u'), gid: idOf('-g') }
}
