import { describe, expect, it } from 'vitest'
import { useLocationPage } from './fixture/page.ts'
import { canRunLab, fault, heal, useStack } from './fixture/stack.ts'

describe.skipIf(!canRunLab)('a Location whose appliance has a second way out', () => {
  const stack = useStack({ hasBackupUplink: true })
  const page = useLocationPage(stack)

  it('tells a dead router within 15 s: one Issue for the Network Team, terminals listed, no child Issue', async () => {
    const report = await fault(stack(), 'router-down')
    expect(report.issues).toHaveLength(1)
    expect(report.childIssues).toBe(0)
    const [issue] = report.issues
    expect(issue?.team).toBe('Network Team')
    expect(issue?.product).toMatch(/router/i)
    expect(issue?.seconds).toBeLessThanOrEqual(15)
    expect(issue?.affected).toEqual(expect.arrayContaining(['pos-1', 'pos-2', 'pos-3']))
    await page.reads(/router unreachable since \d\d:\d\d; .*affected, not at fault/i)

    const healed = await heal(stack(), 'router-down')
    expect(healed.issues).toEqual([
      expect.objectContaining({ status: 'Resolved', cause: 'router-down', team: 'Network Team' }),
    ])
    await page.reads(/all is well/i)
  })

  it('tells a dead WAN within 15 s, and that neither router nor terminals are at fault', async () => {
    const report = await fault(stack(), 'wan-down', 'link')
    expect(report.issues).toHaveLength(1)
    expect(report.issues[0]?.team).toBe('Network Team')
    expect(report.issues[0]?.seconds).toBeLessThanOrEqual(15)
    await page.reads(/WAN line down since \d\d:\d\d; .*affected, not at fault/i)
    const healed = await heal(stack(), 'wan-down', 'link')
    expect(healed.issues).toEqual([expect.objectContaining({ status: 'Resolved', cause: 'wan-link-down' })])
  })

  it('tells a provider that stopped answering from a WAN port without link', async () => {
    const report = await fault(stack(), 'wan-down', 'provider')
    expect(report.issues).toHaveLength(1)
    expect(report.issues[0]?.seconds).toBeLessThanOrEqual(15)
    await page.reads(/internet provider down since \d\d:\d\d; .*affected, not at fault/i)
    const healed = await heal(stack(), 'wan-down', 'provider')
    expect(healed.issues).toEqual([expect.objectContaining({ status: 'Resolved', cause: 'provider-down' })])
  })
})
