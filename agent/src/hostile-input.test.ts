import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { ContractError, UsageError } from '@proactive/shared'
import { decode, encode } from '@proactive/shared/codec'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseArpLine } from './adapters/arp-ears.ts'
import { askSession, loadLibrary, openSession } from './adapters/snmp-session.ts'
import { parseDhcpRequest } from './core/dhcp-packet.ts'
import { parseMdnsResponse } from './core/mdns-packet.ts'
import { parseDescription, parseSsdpMessage } from './core/ssdp-message.ts'
import { parseSettings } from './settings/settings.ts'
import { compressionBomb, printerAnnouncement } from './testing/mdns-packets.ts'
import { createMutations } from './testing/mutations.ts'

/** Design: at least so many mutants for each parser. */
const mutants = 100_000
const limitMs = 50
const flatBytes = 8_000_000
const fromLan = { address: '192.0.2.1', family: 'IPv4', port: 161, size: 0 }

/** A hundred thousand errors are made; their stacks would take most of the time. */
const { stackTraceLimit } = Error
beforeAll(() => {
  Error.stackTraceLimit = 0
})
afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit
})

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Of this thread: what else the machine does meanwhile is no property of an input. */
const cpuMs = () => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

/** Feeds mutants to a parser; what it may throw is named, everything else fails the test. */
async function fuzz(
  parse: (bytes: Buffer) => unknown,
  seeds: readonly Uint8Array[],
  mayThrow: (error: unknown) => boolean,
) {
  const mutations = createMutations(seeds, 20_261_122)
  const run = (bytes: Buffer) => {
    const startedAt = cpuMs()
    try {
      parse(bytes)
    } catch (error) {
      if (!mayThrow(error)) throw new Error(`uncaught on ${bytes.toString('hex')}`, { cause: error })
    }
    return cpuMs() - startedAt
  }
  for (let turn = 0; turn < 2_000; turn++) run(mutations.next())
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  let slowest = 0
  for (let turn = 0; turn < mutants; turn++) {
    const bytes = mutations.next()
    let took = run(bytes)
    // A collection of garbage may fall into it: the input is slow only if it is slow each time.
    for (let again = 0; took > limitMs && again < 3; again++) took = Math.min(took, run(bytes))
    slowest = Math.max(slowest, took)
    // What the runtime does at the end of a turn (zlib lets go of its state) is not put off for ever.
    if (turn % 500 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  collectGarbage()
  return { slowestMs: slowest, grownBytes: process.memoryUsage().heapUsed - before }
}

const never = () => false
const dhcpSeed = (() => {
  const packet = Buffer.alloc(300)
  packet.set([1, 1, 6])
  packet.set([0x00, 0x0b, 0x4f, 0x11, 0x52, 0x01], 28)
  packet.writeUInt32BE(0x63825363, 236)
  packet.set([53, 1, 1, 12, 5, ...Buffer.from('pos-1'), 60, 4, ...Buffer.from('MSFT'), 61, 3, 0, 1, 2], 240)
  packet.set([50, 4, 192, 0, 2, 21, 55, 3, 1, 3, 6, 255], 266)
  return packet
})()
const arpSeed = Buffer.from(
  '00:0b:4f:11:52:01 > ff:ff:ff:ff:ff:ff, ethertype ARP (0x0806), length 60: Request who-has 192.0.2.1 (ff:ff:ff:ff:ff:ff) tell 192.0.2.21, length 46',
)
const ssdpSeed = Buffer.from(
  'NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNTS: ssdp:alive\r\nNT: upnp:rootdevice\r\nSERVER: x/1\r\nLOCATION: http://192.0.2.1:80/d.xml\r\n\r\n',
)
const descriptionSeed = Buffer.from(
  '<?xml version="1.0"?><root><device><manufacturer>EPSON</manufacturer><modelName>TM &amp; T88</modelName><serialNumber>1</serialNumber></device></root>',
)
const settingsSeed = Buffer.from(
  JSON.stringify({
    networks: ['192.0.2.0/24'],
    uplinks: [{ id: 'primary', kind: 'primary', interface: 'eth0' }],
    payPaths: [{ id: 'p', name: 'P', host: 'p.example.net', port: 443, deviceIds: [] }],
    devices: [{ deviceId: 'mac-1', role: 'printer' }],
  }),
)
const desired = {
  v: 1,
  version: 3,
  config: {
    ...{ telemetrySeconds: 30, networks: ['192.0.2.0/24'], payPaths: [], internetTargets: ['198.51.100.10'] },
    ...{ dnsNames: ['p.example.net'], devices: [{ deviceId: 'mac-1', isSleeper: true }] },
  },
} as const
const command = {
  ...{ v: 1, id: 'c-1', auditId: 'a-1', budgetMs: 5_000 },
  request: { action: 'ping', target: '192.0.2.21', count: 3 },
} as const
const plain = (message: unknown) => Buffer.concat([Buffer.from([0]), Buffer.from(JSON.stringify(message))])
/** The deflated form is inflated anew for each mutant, and most mutants die there: one in sixteen shows that. */
const mostlyPlain = (message: unknown, deflated: Uint8Array) => [
  ...Array.from({ length: 15 }, () => plain(message)),
  deflated,
]
const isRefused = (error: unknown) => error instanceof ContractError

describe(`${mutants} mutants each`, { timeout: 60_000 }, () => {
  it.each([
    ['DHCP', parseDhcpRequest, [dhcpSeed], never],
    ['ARP in words', (bytes: Buffer) => parseArpLine(bytes.toString('latin1')), [arpSeed], never],
    [
      'mDNS',
      parseMdnsResponse,
      [...Array.from({ length: 7 }, () => printerAnnouncement('192.0.2.41')), compressionBomb()],
      never,
    ],
    ['SSDP', parseSsdpMessage, [ssdpSeed], never],
    ['a device description', (bytes: Buffer) => parseDescription(bytes.toString()), [descriptionSeed], never],
    [
      'settings',
      (bytes: Buffer) => parseSettings(bytes.toString(), 'agent.json'),
      [settingsSeed],
      (error: unknown) => error instanceof UsageError,
    ],
    [
      'wanted configuration',
      (bytes: Buffer) => decode('desired', bytes),
      mostlyPlain(desired, encode('desired', desired as never)),
      isRefused,
    ],
    [
      'commands',
      (bytes: Buffer) => decode('command', bytes),
      mostlyPlain(command, encode('command', command as never)),
      isRefused,
    ],
  ] as const)('of %s: nothing uncaught, none slow, memory flat', async (_, parse, seeds, mayThrow) => {
    const { slowestMs, grownBytes } = await fuzz(parse, seeds, mayThrow)
    expect(slowestMs).toBeLessThan(limitMs)
    expect(grownBytes).toBeLessThan(flatBytes)
  })

  it('of SNMP answers: each question ends, nothing uncaught, none slow, memory flat', async () => {
    const library = await loadLibrary()
    const options = { community: 'public', timeoutMs: 5_000, retries: 0, maySend: () => true }
    let heard = 0
    /** A question of which nothing leaves; its answers are the mutants, made of the question itself. */
    async function ask(feed: (question: Buffer, deliver: (bytes: Buffer) => void) => void) {
      const session = openSession(library, fromLan.address, options)
      const { dgram } = session as unknown as {
        dgram: { send: unknown; emit: (name: string, ...args: unknown[]) => void }
      }
      let question: Buffer | undefined
      dgram.send = (bytes: Buffer) => {
        question = Buffer.from(bytes)
      }
      const outcome = askSession(library, session, fromLan.address, options, (asked, end) =>
        asked.get(['1.3.6.1.2.1.1.3.0', '1.3.6.1.2.1.1.1.0'], (error: Error | null, varbinds) =>
          end(error, varbinds ?? []),
        ),
      )
      if (question === undefined) throw new Error('nothing was asked')
      feed(question, (bytes) => {
        heard++
        dgram.emit('message', bytes, fromLan)
      })
      return outcome
    }
    const mutations = createMutations([snmpAnswer, Buffer.from([0x30, 0x7f])], 20_261_122)
    collectGarbage()
    const before = process.memoryUsage().heapUsed
    let slowest = 0
    const kinds = new Set<string>()
    while (heard < mutants) {
      const outcome = await ask((question, deliver) => {
        // The question's own id at the place of the answer's, so that the mutants get past the first door.
        const id = requestIdOf(question)
        for (let turn = 0; turn < 200; turn++) {
          const bytes = mutations.next()
          if (bytes.length >= requestIdAt + 4 && turn % 2 === 0) bytes.writeUInt32BE(id, requestIdAt)
          const startedAt = cpuMs()
          deliver(bytes)
          slowest = Math.max(slowest, cpuMs() - startedAt)
        }
        // What is still open ends here.
        const last = Buffer.from(snmpAnswer)
        last.writeUInt32BE(id, requestIdAt)
        deliver(last)
      })
      kinds.add(outcome.kind)
    }
    collectGarbage()
    expect(kinds).toContain('error')
    expect(slowest).toBeLessThan(limitMs)
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(flatBytes)
  })
})

/** GetResponse of v2c, community public, two values. The request id has four octets. */
const snmpAnswer = (() => {
  const oid = (last: number[]) => Buffer.from([0x06, 8, 0x2b, 6, 1, 2, 1, 1, ...last])
  const text = Buffer.from('RouterOS RB750Gr3')
  const wrap = (tag: number, ...parts: Uint8Array[]) => {
    const body = Buffer.concat(parts)
    return Buffer.concat([Buffer.from([tag, body.length]), body])
  }
  const values = wrap(
    0x30,
    wrap(0x30, oid([3, 0]), Buffer.from([0x43, 3, 1, 2, 3])),
    wrap(0x30, oid([1, 0]), wrap(0x04, text)),
  )
  const pdu = wrap(0xa2, Buffer.from([2, 4, 0x11, 0x22, 0x33, 0x44, 2, 1, 0, 2, 1, 0]), values)
  return wrap(0x30, Buffer.from([2, 1, 1]), wrap(0x04, Buffer.from('public')), pdu)
})()
const requestIdAt = snmpAnswer.indexOf(Buffer.from([0x11, 0x22, 0x33, 0x44]))

/** The id of a question as the library writes it: an integer of one to four octets behind the PDU's tag. */
function requestIdOf(question: Buffer): number {
  const tag = question.indexOf(0xa0)
  const length = question[tag + 3] ?? 0
  return question.readIntBE(tag + 4, Math.min(6, Math.max(1, length))) >>> 0
}
