import { createHash, X509Certificate } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json as readJson } from 'node:stream/consumers'
import { claimBundleSchema, enrollAnswerSchema, problemSchema } from '@proactive/shared/http'
import { connectAsync } from 'mqtt'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { revokeSelf } from '../../firmware-image/src/device/revoke.ts'
import { openCertificateAuthority } from '../../ingest/src/identity/authority.ts'
import { createRequest } from './certificate-request.ts'
import { type CloudDoor, startCloudDoor } from './cloud-door.ts'

const dayMs = 86_400_000

describe('enrolment', () => {
  let door: CloudDoor
  beforeEach(async () => {
    door = await startCloudDoor()
  })
  afterEach(() => door.stop())

  function post(path: string, body: unknown, identity: { key?: string; cert?: string } = {}) {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    return new Promise<{ status: number; body: unknown }>((resolve, reject) => {
      const options = { method: 'POST', ca: door.authority.caPem, agent: false, ...identity }
      const sent = request(`https://127.0.0.1:${door.enroll.port}${path}`, options, (response) => {
        const status = response.statusCode ?? 0
        readJson(response).then((answer) => resolve({ status, body: answer }), reject)
      })
      sent.on('error', reject)
      sent.end(text)
    })
  }

  async function enroll() {
    const { csrPem, keyPem } = await createRequest('CN=admin,O=evil')
    const { status, body } = await post('/enroll', { token: door.createClaim('loc-1').token, csrPem })
    expect(status).toBe(201)
    return { answer: enrollAnswerSchema.parse(body), keyPem, csrPem }
  }

  it('gives an appliance that shows a claim the identity it then connects with', async () => {
    const { answer, keyPem } = await enroll()
    expect(answer.locationId).toBe('loc-1')
    const certificate = new X509Certificate(answer.certificatePem)
    expect(certificate.subject).toBe(`CN=${answer.applianceId}`)
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2'])
    expect((certificate.validToDate.getTime() - Date.now()) / dayMs).toBeCloseTo(90, 1)
    expect((answer.renewAfterMs - Date.now()) / dayMs).toBeCloseTo(60, 1)
    const client = await connectAsync(answer.mqttUrl, {
      clientId: answer.applianceId,
      key: keyPem,
      cert: answer.certificatePem,
      ca: answer.caPem,
      keepalive: 15,
    })
    await client.endAsync()
  })

  it('makes a bundle that carries address, token and the fingerprint of the authority', () => {
    const { bundle, token } = door.createClaim('loc-1')
    const parsed = claimBundleSchema.parse(JSON.parse(Buffer.from(bundle, 'base64url').toString()))
    const der = new X509Certificate(door.authority.caPem).raw
    expect(parsed).toMatchObject({ token, url: `https://127.0.0.1:${door.enroll.port}` })
    expect(parsed.caSha256).toBe(createHash('sha256').update(der).digest('hex'))
  })

  it('takes a token once, whoever else holds it', async () => {
    const { token } = door.createClaim('loc-1')
    const requests = await Promise.all(Array.from({ length: 5 }, () => createRequest()))
    const answers = await Promise.all(requests.map(({ csrPem }) => post('/enroll', { token, csrPem })))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 403, 403, 403, 403])
    expect(door.applianceById.size).toBe(1)
  })

  it('is the same appliance for the same key and token, since the first answer may have been lost', async () => {
    const { token } = door.createClaim('loc-1')
    const { csrPem } = await createRequest()
    const answers = [await post('/enroll', { token, csrPem }), await post('/enroll', { token, csrPem })]
    expect(answers.map(({ status }) => status)).toEqual([201, 201])
    const [first, again] = answers.map(({ body }) => enrollAnswerSchema.parse(body))
    expect(again?.applianceId).toBe(first?.applianceId)
    expect(again?.locationId).toBe('loc-1')
    expect([...door.applianceById.keys()]).toEqual([first?.applianceId])
    const other = await createRequest()
    expect((await post('/enroll', { token, csrPem: other.csrPem })).status).toBe(403)
  })

  it('does not bring a revoked appliance back by the claim it once used', async () => {
    const { token } = door.createClaim('loc-1')
    const { csrPem } = await createRequest()
    const { body } = await post('/enroll', { token, csrPem })
    const { applianceId } = enrollAnswerSchema.parse(body)
    door.applianceById.set(applianceId, { locationId: 'loc-1', revokedAtMs: Date.now() })
    const again = await post('/enroll', { token, csrPem })
    expect(again.status).toBe(403)
    expect(problemSchema.parse(again.body).code).toBe('certificate-revoked')
  })

  it('does not spend the token on a broken request', async () => {
    const { token } = door.createClaim('loc-1')
    const { csrPem } = await createRequest()
    const p384 = await createRequest('CN=x', { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-256' })
    const lines = csrPem.split('\n')
    const forged = csrPem.replace(
      lines[2] ?? '',
      (lines[2] ?? '').replace(/[a-z]/, (letter) => letter.toUpperCase()),
    )
    for (const broken of ['no PEM at all', forged, p384.csrPem]) {
      const { status, body } = await post('/enroll', { token, csrPem: broken })
      expect(status).toBe(400)
      expect(problemSchema.parse(body).code).toBe('csr-invalid')
    }
    expect((await post('/enroll', { token, csrPem })).status).toBe(201)
  })

  it('evaluates at most 20 of 200 guesses from one address', async () => {
    const { csrPem } = await createRequest()
    const statuses = []
    for (let index = 0; index < 200; index++) {
      const token = `guess${'a'.repeat(20)}${'abcdefghij'[index % 10]}`
      statuses.push((await post('/enroll', { token, csrPem })).status)
    }
    expect(statuses.filter((status) => status === 403)).toHaveLength(20)
    expect(statuses.filter((status) => status === 429)).toHaveLength(180)
    const late = await post('/enroll', { token: door.createClaim('loc-1').token, csrPem })
    expect(late.status).toBe(429)
  })

  it('renews over the present certificate and keeps name and Location', async () => {
    const { answer, keyPem } = await enroll()
    const next = await createRequest()
    const { status, body } = await post(
      '/renew',
      { csrPem: next.csrPem },
      { key: keyPem, cert: answer.certificatePem },
    )
    expect(status).toBe(200)
    const renewed = enrollAnswerSchema.parse(body)
    expect(renewed).toMatchObject({ applianceId: answer.applianceId, locationId: 'loc-1' })
    expect(new X509Certificate(renewed.certificatePem).serialNumber).not.toBe(
      new X509Certificate(answer.certificatePem).serialNumber,
    )
  })

  it('renews nothing without a certificate, with a foreign one, or for a revoked appliance', async () => {
    const { csrPem } = await createRequest()
    expect((await post('/renew', { csrPem })).status).toBe(401)
    const other = await startCloudDoor()
    const stranger = await other.createAppliance('loc-1')
    await other.stop()
    expect((await post('/renew', { csrPem }, { key: stranger.key, cert: stranger.cert })).status).toBe(401)
    const own = await door.createAppliance('loc-1')
    door.applianceById.set(own.applianceId, { locationId: 'loc-1', revokedAtMs: Date.now() })
    const { status, body } = await post('/renew', { csrPem }, { key: own.key, cert: own.cert })
    expect(status).toBe(403)
    expect(problemSchema.parse(body).code).toBe('certificate-revoked')
  })

  it('takes a certificate back from the appliance it belongs to, and from nobody else', async () => {
    expect((await post('/revoke', {})).status).toBe(401)
    const folder = await mkdtemp(join(tmpdir(), 'proactive-reset-'))
    try {
      const { answer, keyPem } = await enroll()
      await mkdir(join(folder, 'identity'))
      const keep = (name: string, text: string) => writeFile(join(folder, 'identity', name), text)
      await keep('identity.json', JSON.stringify({ enrollUrl: `https://127.0.0.1:${door.enroll.port}` }))
      await keep('ca.pem', answer.caPem)
      await keep('key.pem', keyPem)
      await keep('certificate.pem', answer.certificatePem)
      await revokeSelf(folder)
      await revokeSelf(folder)
      const { csrPem } = await createRequest()
      const { status } = await post('/renew', { csrPem }, { key: keyPem, cert: answer.certificatePem })
      expect(status).toBe(403)
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it.each([
    ['no JSON', '{', 400],
    ['an unknown field', { token: 'a'.repeat(32), csrPem: 'x', admin: true }, 400],
    ['too much', 'x'.repeat(20_000), 413],
  ])('refuses a body with %s', async (_, body, status) => {
    expect((await post('/enroll', body)).status).toBe(status)
  })

  it('knows no other path', async () => {
    expect((await post('/admin', {})).status).toBe(404)
  })
})

describe('the certificate authority', () => {
  let dataDir = ''
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'proactive-ca-'))
  })
  afterEach(() => rm(dataDir, { recursive: true }))
  const open = (hosts = ['localhost', '127.0.0.1']) =>
    openCertificateAuthority({ dataDir, hosts, nowMs: Date.now })

  it('is made once, with a key that only its owner reads', async () => {
    const first = await open()
    const second = await open()
    expect(second.caSha256).toBe(first.caSha256)
    expect(second.server.certificatePem).toBe(first.server.certificatePem)
    expect((await stat(join(dataDir, 'ca', 'ca.key'))).mode & 0o777).toBe(0o600)
    const certificate = new X509Certificate(first.caPem)
    expect(certificate.ca).toBe(true)
    expect((certificate.validToDate.getTime() - Date.now()) / dayMs / 365).toBeCloseTo(10, 1)
  })

  it('makes a new server certificate when the names change, signed by the same authority', async () => {
    const first = await open()
    const second = await open(['cloud.example.net', '203.0.113.7'])
    expect(second.caSha256).toBe(first.caSha256)
    const certificate = new X509Certificate(second.server.certificatePem)
    expect(certificate.checkHost('cloud.example.net')).toBe('cloud.example.net')
    expect(certificate.checkIP('203.0.113.7')).toBe('203.0.113.7')
    expect(certificate.verify(new X509Certificate(first.caPem).publicKey)).toBe(true)
  })

  it('says what to do where its files are damaged, and replaces nothing', async () => {
    await open()
    const file = join(dataDir, 'ca', 'ca.crt')
    await writeFile(file, 'broken')
    await expect(open()).rejects.toThrow(/restore ca\.key and ca\.crt from a backup/)
    expect(await readFile(file, 'utf8')).toBe('broken')
  })
})
