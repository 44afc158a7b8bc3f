import { describe, expect, it } from 'vitest'
import { awaitIssues, canRunLab, fault, heal, quietly, useStack } from './fixture/stack.ts'

describe.skipIf(!canRunLab)('the devices of a shop', () => {
  const stack = useStack({ hasBackupUplink: false })

  for (const terminal of ['pos-1', 'pos-2']) {
    it(`tells a dead ${terminal} within 30 s: the POS Team owns the Issue${terminal === 'pos-2' ? ', though it never answered ICMP' : ''}`, async () => {
      const report = await fault(stack(), 'pos-down', terminal)
      expect(report.issues).toHaveLength(1)
      expect(report.childIssues).toBe(0)
      expect(report.issues[0]?.team).toBe('POS Team')
      expect(report.issues[0]?.product).toMatch(/vx520/i)
      expect(report.issues[0]?.seconds).toBeLessThanOrEqual(30)
      const healed = await heal(stack(), 'pos-down', terminal)
      expect(healed.issues).toEqual([expect.objectContaining({ status: 'Resolved', cause: 'pos-down' })])
    })
  }

  it('tells a dead switch: one Issue for the Network Team, everything behind it only affected', async () => {
    const report = await fault(stack(), 'switch-down')
    expect(report.issues).toHaveLength(1)
    expect(report.childIssues).toBe(0)
    expect(report.issues[0]?.team).toBe('Network Team')
    expect(report.issues[0]?.product).toMatch(/switch/i)
    expect(report.issues[0]?.affected).toEqual(expect.arrayContaining(['pos-1', 'pos-2']))
    const healed = await heal(stack(), 'switch-down')
    expect(healed.issues).toEqual([expect.objectContaining({ status: 'Resolved', cause: 'switch-down' })])
  })

  it('tells that the payment processor is out of reach while terminals and internet are fine', async () => {
    const report = await fault(stack(), 'processor-down')
    expect(report.issues).toHaveLength(1)
    expect(report.issues[0]?.team).toBe('Payments Team')
    const healed = await heal(stack(), 'processor-down')
    expect(healed.issues).toEqual([
      expect.objectContaining({ status: 'Resolved', cause: 'payment-path-failing' }),
    ])
  })

  it('opens nothing for a sleeping terminal, a restart, a move and a new device', async () => {
    const before = (await stack().issues()).length
    await quietly(stack(), 'fault', 'pos-sleep', 'pos-3')
    await quietly(stack(), 'fault', 'new-device')
    await quietly(stack(), 'fault', 'roam', 'office-1')
    await quietly(stack(), 'fault', 'pos-restart', 'pos-1')
    await expect(awaitIssues(stack(), (issues) => issues.length > before, 60_000)).rejects.toThrow(
      /after 60 s/,
    )
  })
})
