import { describe, expect, it } from 'vitest'
import { useLocationPage } from './fixture/page.ts'
import { canRunLab, fault, heal, useStack } from './fixture/stack.ts'

describe.skipIf(!canRunLab)('several devices at once, and the way to the payment processor', () => {
  const stack = useStack({ hasBackupUplink: false })
  const page = useLocationPage(stack)

  it('tells a dead switch: one Issue for the Network Team, everything behind it only affected', async () => {
    const report = await fault(stack(), 'switch-down')
    expect(report.issues).toHaveLength(1)
    expect(report.childIssues).toBe(0)
    expect(report.issues[0]?.team).toBe('Network Team')
    expect(report.issues[0]?.product).toMatch(/switch/i)
    expect(report.issues[0]?.affected).toEqual(expect.arrayContaining(['pos-1', 'pos-2']))
    await page.reads(/switch or its power failed at \d\d:\d\d; .*affected, not at fault/i)
    const healed = await heal(stack(), 'switch-down')
    expect(healed.issues).toEqual([expect.objectContaining({ status: 'Resolved', cause: 'switch-down' })])
  })

  it('tells that the payment processor is out of reach while terminals and internet are fine', async () => {
    const report = await fault(stack(), 'processor-down')
    expect(report.issues).toHaveLength(1)
    expect(report.issues[0]?.team).toBe('Payments Team')
    await page.reads(/payment processor unreachable since \d\d:\d\d/i)
    const healed = await heal(stack(), 'processor-down')
    expect(healed.issues).toEqual([
      expect.objectContaining({ status: 'Resolved', cause: 'payment-path-failing' }),
    ])
  })
})
