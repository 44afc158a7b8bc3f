import { readdir, readFile, readlink, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type InfluxdOptions, type RunningInfluxd, startInfluxd } from '../../scripts/influxd/influxd.ts'
import { describeWith } from './on-path.ts'

let dataDir = ''
const servers: RunningInfluxd[] = []
/** Starts one that is stopped when its test ends, however it ends. */
async function start(options: InfluxdOptions): Promise<RunningInfluxd> {
  const server = await startInfluxd(options)
  servers.push(server)
  return server
}
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'proactive-influxd-'))
})
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop()
  await rm(dataDir, { recursive: true, force: true })
})

describeWith('influxd', 'the private InfluxDB', () => {
  describe('the private InfluxDB', () => {
    it('listens on loopback only, with both of its addresses', async () => {
      const server = await start({ dataDir })
      const addresses = await listeningAddressesOf(server.pid)
      expect(addresses.length).toBe(2)
      for (const address of addresses) expect(address).toBe('127.0.0.1')
    })

    it('ends when told, twice if need be, and its data is there again at the next start', async () => {
      const first = await start({ dataDir })
      // The body says that it is done: InfluxDB sends the head before it looks at the statement.
      await fetch(`${first.url}/query?q=create+database+kept`, { method: 'POST' }).then((response) =>
        response.text(),
      )
      await Promise.all([first.stop(), first.stop()])
      await first.ended
      const second = await start({ dataDir, port: Number(new URL(first.url).port) })
      const answer = await fetch(`${second.url}/query?q=show+databases`).then((response) => response.text())
      expect(answer).toContain('"kept"')
    })

    it('of a killed run is ended before the folder is used again', async () => {
      const forgotten = await start({ dataDir })
      const next = await start({ dataDir })
      await forgotten.ended
      expect(next.pid).not.toBe(forgotten.pid)
      expect(await fetch(`${next.url}/ping`).then(({ status }) => status)).toBe(204)
    })

    it('says why it did not start', async () => {
      const holder = await start({ dataDir })
      const port = Number(new URL(holder.url).port)
      await expect(startInfluxd({ dataDir: join(dataDir, 'other'), port })).rejects.toThrow(
        /^InfluxDB did not start: port \d+ on 127\.0\.0\.1 cannot be had \(another program holds it\)\.$/,
      )
    })
  })
})

describe('a private InfluxDB', () => {
  it('that is not on this machine is missed in one sentence', async () => {
    await expect(startInfluxd({ dataDir, binary: 'no-such-influxd' })).rejects.toThrow(
      /^InfluxDB \(no-such-influxd\) did not start: the program was not found$/,
    )
  })
})

/** IPv4 and IPv6 addresses that a process listens on, by the kernel's socket tables (proc(5)). */
async function listeningAddressesOf(pid: number): Promise<string[]> {
  const descriptors = await readdir(`/proc/${pid}/fd`)
  const targets = await Promise.all(
    descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')),
  )
  const inodes = new Set(targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []))
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8').catch(() => '')),
  )
  return tables.flatMap((table) =>
    table
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === '0A' && inodes.has(inode ?? ''))
      .map(([, local]) => {
        const hex = local?.split(':')[0] ?? ''
        if (hex.length !== 8) return `IPv6 ${hex}`
        return [6, 4, 2, 0].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join('.')
      }),
  )
}
