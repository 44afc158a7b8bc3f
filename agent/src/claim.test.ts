import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { enrollRequestSchema } from '@proactive/shared/http'
import { afterEach, describe, expect, it } from 'vitest'
import { sha256 } from './adapters/enroll-client.ts'
import { openIdentityStore } from './adapters/identity-store.ts'
import { claim, parseBundle } from './claim.ts'
import { createTestCertificate } from './testing/certificates.ts'
import { startTestProxy } from './testing/test-proxy.ts'

const ends: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

function dataDir(): string {
  const folder = mkdtempSync(join(tmpdir(), 'proactive-claim-'))
  ends.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const token = 'abcdefghijklmnopqrst'

/** A cloud's enrolment door that knows one token, once. */
async function startCloud(options: { status?: number } = {}) {
  const ca = createTestCertificate('the cloud')
  const server = createTestCertificate('door', { issuer: ca, ip: '127.0.0.1' })
  const requests: string[] = []
  const door = createServer(
    { key: server.keyPem, cert: `${server.certificatePem}${ca.certificatePem}` },
    (request, response) => {
      let text = ''
      request.on('data', (chunk) => {
        text += String(chunk)
      })
      request.on('end', () => {
        requests.push(text)
        const { token: given } = enrollRequestSchema.parse(JSON.parse(text))
        const isFine = given === token && requests.length === 1 && options.status === undefined
        const body = isFine
          ? {
              applianceId: 'ap-1',
              locationId: 'loc-1',
              certificatePem: createTestCertificate('ap-1', { issuer: ca }).certificatePem,
              caPem: ca.certificatePem,
              mqttUrl: 'mqtts://127.0.0.1:8883',
              renewAfterMs: 1_800_000_000_000,
            }
          : {
              title: 'no',
              status: options.status ?? 403,
              code: 'token-invalid',
              detail: 'This claim was used already.',
            }
        response.writeHead(isFine ? 201 : (options.status ?? 403), { 'content-type': 'application/json' })
        response.end(JSON.stringify(body))
      })
    },
  )
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', () => resolve()))
  ends.push(() => new Promise<void>((resolve) => door.close(() => resolve())))
  const { port } = door.address() as { port: number }
  const bundle = (caSha256 = sha256(ca.der)) =>
    JSON.stringify({ v: 1, url: `https://127.0.0.1:${port}`, caSha256, token })
  return { bundle, requests }
}

describe('claim', () => {
  it('makes a key, enrols, and keeps an identity that nobody else can read', async () => {
    const cloud = await startCloud()
    const folder = dataDir()
    const { identity, isNew } = await claim(folder, cloud.bundle())
    expect(isNew).toBe(true)
    expect(identity).toMatchObject({ applianceId: 'ap-1', locationId: 'loc-1' })
    expect(new X509Certificate(identity.certificatePem).subject).toContain('ap-1')
    for (const file of readdirSync(join(folder, 'identity')))
      expect(statSync(join(folder, 'identity', file)).mode & 0o077).toBe(0)
  })

  it('is no error the second time, and asks nobody again', async () => {
    const cloud = await startCloud()
    const folder = dataDir()
    await claim(folder, cloud.bundle())
    expect(await claim(folder, cloud.bundle())).toMatchObject({ isNew: false })
    expect(cloud.requests).toHaveLength(1)
  })

  it('sends nothing to a server with another CA than the claim names', async () => {
    const cloud = await startCloud()
    await expect(claim(dataDir(), cloud.bundle('0'.repeat(64)))).rejects.toThrow(
      /not the one this claim was made for/,
    )
    expect(cloud.requests).toEqual([])
  })

  it('keeps its key when the answer was lost, so that a new claim fits', async () => {
    const cloud = await startCloud({ status: 503 })
    const folder = dataDir()
    await expect(claim(folder, cloud.bundle())).rejects.toMatchObject({ retryable: true, code: 'enroll' })
    const key = openIdentityStore(folder).readKey()
    await expect(claim(folder, cloud.bundle())).rejects.toThrow(/This claim was used already/)
    expect(openIdentityStore(folder).readKey()).toBe(key)
    expect(openIdentityStore(folder).read()).toBeUndefined()
  })

  it('goes through the proxy that the settings name, and says when that refuses', async () => {
    const proxy = await startTestProxy('shop:se%20cret')
    ends.push(() => proxy.stop())
    const cloud = await startCloud()
    const { identity } = await claim(dataDir(), cloud.bundle(), { proxy: proxy.url })
    expect(identity.applianceId).toBe('ap-1')
    const address = new URL(JSON.parse(cloud.bundle()).url).host
    expect(proxy.targets).toEqual([address, address])
    const stranger = proxy.url.replace('shop:', 'guest:')
    await expect(claim(dataDir(), cloud.bundle(), { proxy: stranger })).rejects.toThrow(
      /cannot be reached \(the proxy 127\.0\.0\.1 refused the way to .* with status 407\)/,
    )
  })

  it('says in one sentence when nobody is there', async () => {
    const bundle = { v: 1, url: 'https://127.0.0.1:9', caSha256: '0'.repeat(64), token }
    await expect(claim(dataDir(), JSON.stringify(bundle))).rejects.toThrow(
      /^The cloud at 127\.0\.0\.1:9 cannot be reached .*\.$/,
    )
  })
})

describe('a claim bundle', () => {
  const bundle = { v: 1, url: 'https://cloud.example.net:8443', caSha256: 'a'.repeat(64), token } as const
  it('is taken as JSON, as base64url and from a file', () => {
    const file = join(dataDir(), 'claim.json')
    writeFileSync(file, JSON.stringify(bundle))
    for (const text of [
      JSON.stringify(bundle),
      Buffer.from(JSON.stringify(bundle)).toString('base64url'),
      file,
    ])
      expect(parseBundle(text)).toEqual(bundle)
  })

  it.each(['', 'nonsense', '{"v":2}', '[]'])('is refused in one sentence when it is %o', (text) => {
    expect(() => parseBundle(text)).toThrow(/This is no claim bundle/)
  })
})
