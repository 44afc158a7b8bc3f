import { rowFields } from '@proactive/shared'
import { decode } from '@proactive/shared/codec'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canRunLab } from '../e2e/fixture/stack.ts'
import { type AgentTrial, startAgentTrial } from '../lab/agent-trial.ts'
import { addresses } from '../lab/topology.ts'

const quietMs = 45_000
const rateMbit = 2

/** A line with a buffer of 400 ms, and somebody in the office who downloads: the agent itself sends nothing for this. */
describe.skipIf(!canRunLab)('the line under the Location’s own load', () => {
  let trial: AgentTrial
  beforeAll(async () => {
    trial = await startAgentTrial({
      toolsPath: process.env.PATH ?? '',
      settings: { telemetrySeconds: 10 },
    })
    await trial.until('inventoried', ({ presence }) => presence.present === 7, 30_000)
  })
  afterAll(() => trial?.stop())

  const loads = () =>
    trial.broker.received
      .filter(({ kind }) => kind === 'telemetry')
      .flatMap(({ payload }) => decode('telemetry', payload).rows.load ?? [])
      .map((row) => Object.fromEntries(rowFields.load.map((name, index) => [name, row[index + 1]])))

  it('is on the wire while it is busy, with what it adds to round trips', async ({ skip }) => {
    const shaped = await trial.lab.exec('provider', [
      ...['tc', 'qdisc', 'add', 'dev', 'cust0', 'root'],
      ...['tbf', 'rate', `${rateMbit}mbit`, 'burst', '16kb', 'latency', '400ms'],
    ])
    if (shaped.code !== 0) skip('this kernel has no token bucket filter')
    await new Promise((resolve) => setTimeout(resolve, quietMs))
    expect(loads()).toEqual([])
    // Several at once, as a browser does: together they keep the buffer full.
    for (const name of ['one', 'two', 'three'])
      await trial.lab.spawn('office-1', name, [
        ...['busybox', 'wget', '-q', '-O', '/dev/null', `http://${addresses.targets[1]}/`],
      ])
    await expect
      .poll(() => loads().at(-1)?.addedRttMs ?? 0, { timeout: 60_000, interval: 500 })
      .toBeGreaterThan(100)
    const last = loads().at(-1)
    expect(last?.rxMbit).toBeGreaterThan(rateMbit * 0.6)
    expect(last?.rxMbit).toBeLessThan(rateMbit * 1.3)
    expect(last?.quietRttMs).toBeLessThan(50)
  }, 180_000)
})
