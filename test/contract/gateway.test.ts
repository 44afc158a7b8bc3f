import type { EventEmitter } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as tlsConnect, type TLSSocket } from 'node:tls'
import { decode, encode } from '@proactive/shared/codec'
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMqttLink } from '../../agent/src/adapters/mqtt-link.ts'
import type { IngestLog, LogRecord } from '../../ingest/src/log/ingest-log.ts'
import { openCertificateAuthority } from '../../ingest/src/identity/authority.ts'
import { createSqliteLog } from '../../ingest/src/log/sqlite-log.ts'
import { createRequest } from './certificate-request.ts'
import { type ApplianceIdentity, type CloudDoor, startCloudDoor } from './cloud-door.ts'

/** The next event of that name; unlike `events.once` an 'error' meanwhile is no failure: cut connections are what these tests are about. */
function next(emitter: unknown, name: string): Promise<unknown[]> {
  return new Promise((resolve) => (emitter as EventEmitter).once(name, (...args) => resolve(args)))
}

const location = 'loc-1'
const bootEpoch = 1_700_000_000

const observation = (seq: number) =>
  Buffer.from(
    encode('observation', {
      v: 1,
      bootEpoch,
      lane: 'live',
      seq,
      atMs: 1_700_000_000_000,
      clock: 'synced',
      change: { type: 'dhcp-changed', server: 'router', isAnswering: false, sinceMs: seq, evidence: [] },
    }),
  )

const seqOf = ({ entry }: LogRecord) =>
  entry.from === 'appliance' ? decode('observation', entry.payload).seq : undefined

const topicOf = ({ locationId, applianceId }: ApplianceIdentity, kind: string) =>
  `proactive/v1/${locationId}/${applianceId}/${kind}`

describe('the gateway', () => {
  let door: CloudDoor
  let appliance: ApplianceIdentity
  const clients: MqttClient[] = []
  const sockets: TLSSocket[] = []

  beforeEach(async () => {
    door = await startCloudDoor()
    appliance = await door.createAppliance(location)
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) client.end(true)
    for (const socket of sockets.splice(0)) socket.destroy()
    await door.stop()
  })

  async function connect(identity = appliance, options: IClientOptions = {}): Promise<MqttClient> {
    const client = await connectAsync(`mqtts://127.0.0.1:${door.mqtt.port}`, {
      ...identity,
      clientId: identity.applianceId,
      keepalive: 15,
      reconnectPeriod: 0,
      connectTimeout: 5_000,
      ...options,
    })
    client.on('error', () => undefined)
    clients.push(client)
    return client
  }

  async function raw(identity: Partial<ApplianceIdentity> = appliance): Promise<TLSSocket> {
    const { port } = door.mqtt
    const socket = tlsConnect({ host: '127.0.0.1', port, ca: door.authority.caPem, ...identity })
    socket.on('error', () => undefined)
    sockets.push(socket)
    await Promise.race([next(socket, 'secureConnect'), next(socket, 'close')])
    return socket
  }

  /** Records of the Location, except who came and went. */
  async function stored(count: number): Promise<LogRecord[]> {
    const records = await allRecords(door.log, location, (all) => messages(all).length >= count)
    return messages(records)
  }
  const messages = (records: readonly LogRecord[]) =>
    records.filter(({ entry }) => entry.from === 'appliance')

  it('stores what an appliance publishes exactly as it came, and acknowledges it', async () => {
    const client = await connect()
    await client.publishAsync(topicOf(appliance, 'observation'), observation(1), { qos: 1 })
    const [record] = await stored(1)
    expect(record?.entry).toMatchObject({
      from: 'appliance',
      locationId: location,
      applianceId: appliance.applianceId,
      kind: 'observation',
    })
    expect(record?.entry.from === 'appliance' && Buffer.from(record.entry.payload)).toEqual(observation(1))
  })

  it('sends the PUBACK only after the durable append: none while the log stalls, then one record', async () => {
    const own = door
    const gate = Promise.withResolvers<void>()
    const reached = Promise.withResolvers<void>()
    const stalling: IngestLog = {
      ...own.log,
      append: async (entry, session) => {
        if (entry.from === 'appliance') {
          reached.resolve()
          await gate.promise
        }
        return own.log.append(entry, session)
      },
    }
    const stalled = await startCloudDoor({ log: stalling })
    door = stalled
    appliance = await stalled.createAppliance(location)
    const client = await connect()
    let isAcknowledged = false
    const published = client
      .publishAsync(topicOf(appliance, 'observation'), observation(1), { qos: 1 })
      .then(() => {
        isAcknowledged = true
      })
    await reached.promise
    // A ping goes through the same connection both ways: what was sent before it has been answered, were it answered at all.
    client.sendPing()
    await next(client, 'packetreceive')
    expect(isAcknowledged).toBe(false)
    gate.resolve()
    await published
    expect(await stored(1)).toHaveLength(1)
    await stalled.stop()
    door = own
  })

  it('stores nothing more of a session once the log refused one of its messages', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'proactive-full-'))
    const log = await createSqliteLog({ file: join(folder, 'log.sqlite'), consumers: [], maxBytes: 2_500 })
    const own = door
    const refusing = await startCloudDoor({ log })
    door = refusing
    appliance = await refusing.createAppliance(location)
    const client = await connect()
    const closed = next(client, 'close')
    const outcomes = Array.from({ length: 20 }, (_, index) =>
      client.publishAsync(topicOf(appliance, 'observation'), observation(index + 1), { qos: 1 }).then(
        () => 'ok',
        () => 'failed',
      ),
    )
    await closed
    client.end(true)
    const acknowledged = (await Promise.all(outcomes)).filter((outcome) => outcome === 'ok').length
    const records = await stored(1)
    expect(records.length).toBeLessThan(20)
    expect(records.map(seqOf)).toEqual(records.map((_, index) => index + 1))
    expect(acknowledged).toBeLessThanOrEqual(records.length)
    expect(await refusing.count('proactive_gateway_append_failures_total', 'log-full')).toBe(1)
    await refusing.stop()
    await log.stop()
    await rm(folder, { recursive: true })
    door = own
  })

  it('acknowledges and drops a message that breaks the contract, counted by reason', async () => {
    const client = await connect()
    const tooNew = Buffer.concat([Buffer.from([0]), Buffer.from(JSON.stringify({ v: 2 }))])
    await client.publishAsync(topicOf(appliance, 'observation'), Buffer.from('garbage'), { qos: 1 })
    await client.publishAsync(topicOf(appliance, 'birth'), tooNew, { qos: 1 })
    await client.publishAsync(topicOf(appliance, 'observation'), observation(1), { qos: 1 })
    expect(await stored(1)).toHaveLength(1)
    expect(await door.count('proactive_gateway_dropped_total', 'codec-unknown')).toBe(1)
    expect(await door.count('proactive_gateway_dropped_total', 'version-unsupported')).toBe(1)
  })

  it.each([
    ["another appliance's topic", 'proactive/v1/loc-1/ap-other/observation'],
    ["another Location's topic", 'OWN-IN/loc-2/observation'],
    ['a topic that only the cloud sends on', 'OWN/command'],
    ['the broker itself', '$SYS/x/new/clients'],
    ['a topic of nobody', 'any/thing'],
  ])('cuts a client that publishes to %s', async (_, topic) => {
    const client = await connect()
    const closed = next(client, 'close')
    const own = `proactive/v1/${location}/${appliance.applianceId}`
    const place = topic.replace('OWN-IN/loc-2', own.replace(location, 'loc-2')).replace('OWN', own)
    client.publish(place, observation(1), { qos: 1 }, () => undefined)
    await closed
    expect(await door.count('proactive_gateway_violations_total', 'foreign-topic')).toBe(1)
    expect(messages(await allRecords(door.log, location, (all) => all.length >= 1))).toEqual([])
  })

  it.each(['#', 'proactive/v1/+/+/command', 'proactive/v1/loc-1/ap-other/desired', '$SYS/#'])(
    'cuts a client that subscribes to %s',
    async (topic) => {
      const client = await connect()
      const closed = next(client, 'close')
      client.subscribe(topic, { qos: 1 }, () => undefined)
      await closed
      expect(await door.count('proactive_gateway_violations_total', 'foreign-subscription')).toBe(1)
    },
  )

  it('says after each subscribe where it sees the appliance come from, and the desired configuration; that again when asked to', async () => {
    const config = {
      telemetrySeconds: 30,
      networks: [],
      payPaths: [],
      internetTargets: [],
      dnsNames: [],
      devices: [],
    }
    door.desiredByApplianceId.set(appliance.applianceId, { v: 1, version: 7, config })
    const client = await connect()
    const received: [string, Buffer][] = []
    client.on('message', (topic, payload) => void received.push([topic, payload]))
    await client.subscribeAsync(topicOf(appliance, 'desired'), { qos: 1 })
    await expect.poll(() => received.length, { interval: 10 }).toBe(2)
    const [seen, desired] = received
    expect(seen?.[0]).toBe(topicOf(appliance, 'seen'))
    expect(decode('seen', seen?.[1] ?? Buffer.alloc(0))).toEqual({ v: 1, address: '127.0.0.1' })
    expect(desired?.[0]).toBe(topicOf(appliance, 'desired'))
    expect(Buffer.from(encode('desired', { v: 1, version: 7, config }))).toEqual(desired?.[1])
    const second = next(client, 'message')
    await door.gateway.sendDesired(appliance.applianceId)
    await second
  })

  it('tells the agent’s own link where it comes from, without being asked for that topic', async () => {
    const { applianceId, locationId, key, cert, ca } = appliance
    const identity = {
      ...{ applianceId, locationId, keyPem: key, certificatePem: cert, caPem: ca },
      ...{ mqttUrl: `mqtts://127.0.0.1:${door.mqtt.port}`, enrollUrl: 'https://127.0.0.1', renewAfterMs: 0 },
    }
    const link = createMqttLink({ identity: () => identity, lookup: () => Promise.resolve('127.0.0.1') })
    const told = Promise.withResolvers<unknown>()
    const connection = await link.open({
      route: { uplinkId: 'primary', localAddress: '127.0.0.9', resolvers: [] },
      will: encode('status', { v: 1, online: false, bootEpoch }),
      timeoutMs: 5_000,
      events: {
        onMessage: (kind, payload) => kind === 'seen' && told.resolve(decode('seen', payload)),
        onClosed: () => undefined,
      },
    })
    expect(await told.promise).toEqual({ v: 1, address: '127.0.0.9' })
    await connection.close()
  })

  it('tells the log how sessions begin and end', async () => {
    const client = await connect()
    await client.endAsync()
    const socket = await raw()
    socket.write(connectPacket(appliance.applianceId))
    await next(socket, 'data')
    socket.destroy()
    const records = await allRecords(door.log, location, (all) => all.length >= 4)
    expect(records.map(({ entry }) => entry.from === 'ingest' && entry.event)).toMatchObject([
      {
        type: 'session-opened',
        applianceId: appliance.applianceId,
        remoteAddress: expect.stringContaining('127.0.0.1'),
      },
      { type: 'session-closed', how: 'goodbye' },
      { type: 'session-opened' },
      { type: 'session-closed', how: 'will' },
    ])
  })

  it('tells the log of sessions that an earlier run left open, before it lets anybody in', async () => {
    const { applianceId } = appliance
    await connect()
    await allRecords(door.log, location, (all) => all.length >= 1)
    // A second gateway on the same log finds what a killed one leaves: a session that nobody closed.
    const next = await startCloudDoor({ log: door.log })
    await next.stop()
    const records = await allRecords(door.log, location, (all) => all.length >= 2)
    expect(records.map(({ entry }) => entry.from === 'ingest' && entry.event)).toMatchObject([
      { type: 'session-opened', applianceId },
      { type: 'session-closed', applianceId, how: 'gateway-lost' },
    ])
  })

  it('lets a new connection of the same appliance take over, without telling an end', async () => {
    const first = await connect()
    const closed = next(first, 'close')
    const second = await connect()
    await closed
    await second.publishAsync(topicOf(appliance, 'observation'), observation(1), { qos: 1 })
    const records = await allRecords(door.log, location, (all) => messages(all).length >= 1)
    expect(records.map(({ entry }) => (entry.from === 'ingest' ? entry.event.type : entry.kind))).toEqual([
      'session-opened',
      'session-opened',
      'observation',
    ])
    expect(door.gateway.isConnected(appliance.applianceId)).toBe(true)
  })

  it('cuts a revoked appliance at once and lets it in no more', async () => {
    const client = await connect()
    const closed = next(client, 'close')
    door.gateway.revoke(appliance.applianceId)
    await closed
    await expect(connect()).rejects.toThrow(/Not authorized/)
    expect(await door.count('proactive_gateway_refused_total', 'revoked')).toBe(1)
  })

  it.each([
    [
      'another client id than its certificate',
      () => ({ clientId: 'ap-somebody' }),
      'client-id-not-certificate',
    ],
    ['no keepalive', () => ({ keepalive: 0 }), 'connect-failed'],
    ['a keepalive of a minute', () => ({ keepalive: 60 }), 'connect-failed'],
    ['MQTT 5', () => ({ protocolVersion: 5 as const }), 'mqtt-version'],
    [
      'a will on a foreign topic',
      () => ({
        will: {
          topic: 'proactive/v1/loc-1/ap-x/status',
          payload: Buffer.from('x'),
          qos: 1 as const,
          retain: true,
        },
      }),
      'foreign-will',
    ],
  ])('refuses a client with %s', async (_, options, reason) => {
    await expect(connect(appliance, options())).rejects.toThrow()
    await expect.poll(() => door.count('proactive_gateway_refused_total', reason)).toBe(1)
  })

  it('refuses an appliance that the registry does not know', async () => {
    door.applianceById.clear()
    await expect(connect()).rejects.toThrow(/Not authorized/)
    expect(await door.count('proactive_gateway_refused_total', 'appliance-unknown')).toBe(1)
  })

  describe('given bytes that are no MQTT', () => {
    const closing = (socket: TLSSocket) =>
      socket.destroyed ? Promise.resolve() : next(socket, 'close').then(() => undefined)

    it('cuts garbage at its first byte', async () => {
      const socket = await raw()
      socket.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'))
      await closing(socket)
      expect(await door.count('proactive_gateway_violations_total', 'first-packet')).toBe(1)
    })

    it('cuts a 10 MB packet at its header, before it is buffered', async () => {
      const socket = await raw()
      socket.write(connectPacket(appliance.applianceId))
      await next(socket, 'data')
      const before = process.memoryUsage().rss
      socket.write(Buffer.from([0x32, 0x80, 0x80, 0x80, 0x05]))
      socket.write(Buffer.alloc(10 * 1024 * 1024))
      await closing(socket)
      expect(await door.count('proactive_gateway_violations_total', 'packet-too-large')).toBe(1)
      expect(process.memoryUsage().rss - before).toBeLessThan(40 * 1024 * 1024)
    })

    it('gives a stranger 8 KB before its CONNACK', async () => {
      const socket = await raw()
      socket.write(Buffer.concat([Buffer.from([0x10, 0xff, 0x7f]), Buffer.alloc(9_000)]))
      await closing(socket)
      expect(await door.count('proactive_gateway_violations_total', 'too-much-before-connack')).toBe(1)
    })

    it('survives every kind of broken packet after the CONNACK', async () => {
      for (const bytes of [
        [0x00, 0x00],
        [0xf0, 0x01, 0x00],
        [0x32, 0xff, 0xff, 0xff, 0xff],
        [0x32, 0x02, 0xff, 0xff],
        [0x82, 0x00],
      ]) {
        const socket = await raw()
        socket.write(connectPacket(appliance.applianceId))
        await next(socket, 'data')
        socket.write(Buffer.from(bytes))
        await closing(socket)
      }
      const client = await connect()
      await client.publishAsync(topicOf(appliance, 'observation'), observation(1), { qos: 1 })
    })
  })

  describe('given a wrong certificate', () => {
    async function isLetIn(identity: Partial<ApplianceIdentity>): Promise<boolean> {
      const socket = await raw(identity)
      if (socket.destroyed) return false
      socket.write(connectPacket(appliance.applianceId))
      return Promise.race([next(socket, 'data').then(() => true), next(socket, 'close').then(() => false)])
    }

    it('lets nobody in without one', async () => {
      expect(await isLetIn({})).toBe(false)
      await expect.poll(() => door.count('proactive_gateway_refused_total', 'certificate-missing')).toBe(1)
    })

    it('lets nobody in with an expired one', async () => {
      const dataDir = await mkdtemp(join(tmpdir(), 'proactive-expired-'))
      const own = door
      const other = await startCloudDoor({ dataDir })
      door = other
      appliance = await other.createAppliance(location)
      const longAgo = () => Date.now() - 200 * 86_400_000
      const past = await openCertificateAuthority({
        dataDir,
        hosts: ['localhost', '127.0.0.1'],
        nowMs: longAgo,
      })
      const { csrPem, keyPem } = await createRequest()
      const { certificatePem } = await past.issue(appliance.applianceId, csrPem)
      expect(await isLetIn({ key: keyPem, cert: certificatePem })).toBe(false)
      await expect.poll(() => other.count('proactive_gateway_refused_total')).toBe(1)
      expect(await isLetIn(appliance)).toBe(true)
      await other.stop()
      await rm(dataDir, { recursive: true })
      door = own
    })

    it('lets nobody in with one of another authority, or with a server certificate', async () => {
      const other = await startCloudDoor()
      const stranger = await other.createAppliance(location)
      expect(await isLetIn({ key: stranger.key, cert: stranger.cert })).toBe(false)
      await other.stop()
      const { keyPem, certificatePem } = door.authority.server
      expect(await isLetIn({ key: keyPem, cert: certificatePem })).toBe(false)
      await expect.poll(() => door.count('proactive_gateway_refused_total')).toBe(2)
    })
  })

  it('gives the clients that connect too slowly no place', async () => {
    const own = door
    const impatient = await startCloudDoor({ limits: { connectTimeoutMs: 100, maxPendingPerAddress: 2 } })
    door = impatient
    appliance = await impatient.createAppliance(location)
    const first = await raw()
    const second = await raw()
    const third = await raw()
    expect(third.destroyed).toBe(true)
    await Promise.all([next(first, 'close'), next(second, 'close')])
    expect(await impatient.count('proactive_gateway_refused_total', 'connect-timeout')).toBe(2)
    expect(await impatient.count('proactive_gateway_refused_total', 'too-many-pending')).toBe(1)
    const client = await connect()
    client.end(true)
    await impatient.stop()
    door = own
  })
})

/** CONNECT of MQTT 3.1.1, clean session, keepalive 15 s. */
function connectPacket(clientId: string): Buffer {
  const id = Buffer.from(clientId)
  const body = Buffer.concat([Buffer.from([0, 4, ...Buffer.from('MQTT'), 4, 0x02, 0, 15, 0, id.length]), id])
  return Buffer.concat([Buffer.from([0x10, body.length]), body])
}

async function allRecords(
  log: IngestLog,
  locationId: string,
  isEnough: (records: readonly LogRecord[]) => boolean,
): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  for await (const batch of log.read(log.partitionOf(locationId), 0, AbortSignal.timeout(5_000))) {
    records.push(...batch)
    if (isEnough(records)) break
  }
  return records
}
