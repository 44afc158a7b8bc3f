import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { projectRoot } from '../../scripts/stack/paths.ts'
import { type AgentTrial, startAgentTrial } from '../lab/agent-trial.ts'
import { countPackets, minus, type PacketCounts, type PacketKind } from '../lab/packet-counts.ts'
import { createTopology } from '../lab/topology.ts'
import { canRunLab } from './fixture/stack.ts'

/** The promise as people read it; the numbers of the test are the document's. */
const promise = readPromise(readFileSync(join(projectRoot, 'docs/what-we-send-on-your-lan.md'), 'utf8'))
/** Two rounds of 10 s and a little, begun right after a round: no third one fits in. */
const windowSeconds = 21
const nodes = createTopology({ hasBackupUplink: false }).nodes
const applianceMac = nodes.find(({ name }) => name === 'appliance')?.mac ?? ''
const terminals = ['pos-1', 'pos-2', 'pos-3'] as const
type Terminal = (typeof terminals)[number]

interface Limit {
  readonly aMinute: number
  readonly atTheStart: number
}
type Limits = ReadonlyMap<PacketKind, Limit>

/** What more than the promise reached a terminal in this many seconds; empty = it was kept. A pace of n a minute is floor(n × seconds / 60) packets, no more. */
function broken(counts: PacketCounts, limits: Limits, seconds: number, isStart: boolean): string[] {
  return [...limits].flatMap(([kind, { aMinute, atTheStart }]) => {
    const most = Math.floor((aMinute * seconds) / 60) + (isStart ? atTheStart : 0)
    return counts[kind] <= most ? [] : [`${counts[kind]} ${kind} packets in ${seconds} s, promised ${most}`]
  })
}

describe.skipIf(!canRunLab)('what reaches a payment terminal, counted on its own link', () => {
  let trial: AgentTrial
  const read = new Map<Terminal, () => Promise<PacketCounts>>()
  const limitsOf = (terminal: Terminal) => (terminal === 'pos-2' ? promise.ignoresEcho : promise.answersEcho)
  const readAll = async () =>
    new Map(await Promise.all([...read].map(async ([name, one]) => [name, await one()] as const)))

  beforeAll(async () => {
    trial = await startAgentTrial({ toolsPath: process.env.PATH ?? '' })
    const { nodes: running } = await trial.lab.status()
    for (const terminal of terminals) {
      const address = running.find(({ name }) => name === terminal)?.address ?? ''
      read.set(terminal, await countPackets(trial.lab, terminal, { address, senderMac: applianceMac }))
    }
  })
  afterAll(() => trial?.stop())

  /** How each is asked is learned in the first rounds: waits for one, from pos-3's echo to its next, in which pos-2 got ARP and no echo. The window begins with it. */
  async function untilLearned(): Promise<void> {
    const icmpOfPos3 = async () => (await read.get('pos-3')?.())?.icmp ?? 0
    for (let round = 0, isLearned = false; !isLearned; round++) {
      if (round === 5) throw new Error('pos-2 is still asked by echo')
      const [echoes, before] = [await icmpOfPos3(), await read.get('pos-2')?.()]
      await expect.poll(icmpOfPos3, { timeout: 12_000, interval: 50 }).toBeGreaterThan(echoes)
      const after = await read.get('pos-2')?.()
      isLearned =
        before !== undefined && after !== undefined && after.icmp === before.icmp && after.arp > before.arp
    }
  }

  it('is what the document promises, at the start and in the steady state; one packet more is found', async () => {
    const startedAt = performance.now()
    await trial.until('inventoried', ({ presence }) => presence.present === 7)
    await untilLearned()
    const before = await readAll()
    const startSeconds = (performance.now() - startedAt) / 1_000
    for (const terminal of terminals) {
      const counts = before.get(terminal)
      if (counts !== undefined)
        expect({ terminal, broken: broken(counts, limitsOf(terminal), startSeconds, true) }).toEqual({
          terminal,
          broken: [],
        })
    }

    // One packet too many, to pos-3 alone.
    await trial.lab.exec('appliance', ['ping', '-c', '1', '-W', '1', '192.168.77.23'])
    await new Promise((resolve) => setTimeout(resolve, windowSeconds * 1_000))
    const after = await readAll()
    const found = terminals.map((terminal) => {
      const [first, last] = [before.get(terminal), after.get(terminal)]
      if (first === undefined || last === undefined) throw new Error('not counted')
      return [terminal, broken(minus(last, first), limitsOf(terminal), windowSeconds, false)]
    })
    expect(found).toEqual([
      ['pos-1', []],
      ['pos-2', []],
      ['pos-3', ['3 icmp packets in 21 s, promised 2']],
    ])
    const payment = (await trial.status())?.budget.find((figures) => figures.class === 'payment')
    expect(payment?.refused).toBe(0)
  })
})

function readPromise(text: string): { answersEcho: Limits; ignoresEcho: Limits } {
  const rows = [...text.matchAll(/^\| ([^|]+) \| (\d+) \| (\d+) \|$/gm)].map(
    ([, what = '', aMinute, atTheStart]) => ({
      what,
      limit: { aMinute: Number(aMinute), atTheStart: Number(atTheStart) },
    }),
  )
  const limit = (what: string): Limit => {
    const row = rows.find((one) => one.what === what)
    if (row === undefined) throw new Error(`the document promises nothing about "${what}"`)
    return row.limit
  }
  const same: [PacketKind, Limit][] = [
    ['udp', limit('UDP')],
    ['tcp', limit('TCP')],
    ['other', limit('anything else')],
  ]
  return {
    answersEcho: new Map([
      ['icmp', limit('ICMP echo, where it answers echo requests')],
      ['arp', limit('ARP, where it answers echo requests')],
      ...same,
    ]),
    ignoresEcho: new Map([
      ['icmp', limit('ICMP echo, where it does not')],
      ['arp', limit('ARP, where it does not')],
      ...same,
    ]),
  }
}
