import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const main = new URL('./main.ts', import.meta.url).pathname
let folder: string
let children: ChildProcess[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'proactive-helpdesk-'))
  children = []
})
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

function writeKey(): string {
  const { publicKey } = generateKeyPairSync('ed25519')
  const file = join(folder, 'actor.pem')
  writeFileSync(file, publicKey.export({ type: 'spki', format: 'pem' }))
  return file
}

function start(args: string[], env: Record<string, string>) {
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env.PATH, PROACTIVE_DATA: folder, PROACTIVE_HELPDESK_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  return child
}

/** Runs to the end. */
async function run(args: string[], env: Record<string, string> = {}) {
  const child = start(args, env)
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString()
  })
  const [code] = await once(child, 'close')
  return { code: Number(code), out, err }
}

describe('proactive-helpdesk', () => {
  it('shows examples, checks its configuration, and names every fault in it at once', async () => {
    const [help, good, bad, unknown] = await Promise.all([
      run(['run', '--help']),
      run(['run', '--config-check']),
      run(['run', '--config-check'], { PROACTIVE_HELPDESK_PORT: 'many', PROACTIVE_LOG_LEVEL: 'loud' }),
      run(['walk']),
    ])
    expect(help).toMatchObject({ code: 0, out: expect.stringContaining('PROACTIVE_HELPDESK_PORT=0') })
    expect(good).toMatchObject({ code: 0, out: 'The configuration is good.\n' })
    expect(bad.code).toBe(2)
    expect(bad.err).toMatch(/PROACTIVE_HELPDESK_PORT.*PROACTIVE_LOG_LEVEL/)
    expect(unknown.code).toBe(2)
  })

  it('serves on loopback, says where, and ends cleanly on SIGTERM', async () => {
    const child = start(['run'], { PROACTIVE_ACTOR_PUBLIC_KEY_FILE: writeKey() })
    const [line] = await once(createInterface(child.stdout), 'line')
    const { event, url } = JSON.parse(String(line))
    expect([event, new URL(url).hostname]).toEqual(['listening', '127.0.0.1'])
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('proactive_helpdesk_request_seconds')
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
  })

  it('waits for the key that ingest writes at its first start', async () => {
    const child = start(['run'], { PROACTIVE_ACTOR_PUBLIC_KEY_FILE: join(folder, 'actor.pem') })
    await once(child, 'spawn')
    writeKey()
    const [line] = await once(createInterface(child.stdout), 'line')
    expect(JSON.parse(String(line)).event).toBe('listening')
  })

  it('ends in one sentence where its port is taken', async () => {
    const holder = createServer().listen(0, '127.0.0.1')
    await once(holder, 'listening')
    const address = holder.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const taken = await run(['run'], {
      PROACTIVE_HELPDESK_PORT: String(port),
      PROACTIVE_ACTOR_PUBLIC_KEY_FILE: writeKey(),
      PROACTIVE_LOG_LEVEL: 'silent',
    })
    holder.close()
    expect(taken.code).toBe(2)
    expect(taken.err).toBe(
      `Port ${port} on 127.0.0.1 is in use by another program: end it, or set PROACTIVE_HELPDESK_PORT to a free one.\n`,
    )
  })
})
