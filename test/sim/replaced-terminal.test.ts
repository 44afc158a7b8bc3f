import type { Change } from '@proactive/shared'
import { describe, expect, it } from 'vitest'
import { createLocationRun } from './location-run.ts'

const minutes = 60_000
const oldMac = '00:0b:4f:11:52:01'
const newMac = '00:0b:4f:11:99:99'

describe('a dead terminal that is swapped for another of its kind', () => {
  it('is told with before and after, and its fault ends', async () => {
    const run = createLocationRun({ seed: 'swap', keepsJournal: true })
    await run.start()
    await run.pass(5 * minutes)
    await run.fault('pos-down', 'pos-1')
    await run.pass(4 * minutes)
    expect(run.incidents().map(({ report }) => report.faultClass)).toEqual(['pos-down'])
    // The technician takes the old one off and plugs a new one in; the router gives it the same address.
    const node = run.location.node('pos-1')
    if (node === undefined) throw new Error('there is no pos-1')
    Object.assign(node.spec, { mac: newMac })
    await run.heal('pos-down', 'pos-1')
    await run.pass(8 * minutes)
    const changes = run.journal.flatMap(({ kind, body }) =>
      kind === 'observation' ? [(JSON.parse(body) as { change: Change }).change] : [],
    )
    expect(changes.filter(({ type }) => type === 'device-replaced')).toMatchObject([
      {
        before: { deviceId: 'mac-000b4f115201', mac: oldMac, ip: '192.168.77.21' },
        after: { deviceId: 'mac-000b4f119999', mac: newMac, ip: '192.168.77.21' },
      },
    ])
    expect(run.incidents()).toHaveLength(1)
    expect(run.incidents()[0]?.changes.map(({ change }) => change)).toContain('closed')
    const names = run.ingest.view()?.devices.map(({ device }) => device.id)
    expect(names).toContain('mac-000b4f119999')
    expect(names).not.toContain('mac-000b4f115201')
  })
})
