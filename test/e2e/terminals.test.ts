import { describe, expect, it } from 'vitest'
import { useLocationPage } from './fixture/page.ts'
import { canRunLab, fault, heal, useStack } from './fixture/stack.ts'

describe.skipIf(!canRunLab)('the terminals of a shop', () => {
  const stack = useStack({ hasBackupUplink: false })
  const page = useLocationPage(stack)

  for (const terminal of ['pos-1', 'pos-2']) {
    it(`tells a dead ${terminal} within 30 s: the POS Team owns the Issue${terminal === 'pos-2' ? ', though it never answered ICMP' : ''}`, async () => {
      const report = await fault(stack(), 'pos-down', terminal)
      expect(report.issues).toHaveLength(1)
      expect(report.childIssues).toBe(0)
      expect(report.issues[0]?.team).toBe('POS Team')
      expect(report.issues[0]?.product).toMatch(/vx520/i)
      expect(report.issues[0]?.seconds).toBeLessThanOrEqual(30)
      await page.reads(new RegExp(`${terminal} unreachable since \\d\\d:\\d\\d`))
      const healed = await heal(stack(), 'pos-down', terminal)
      expect(healed.issues).toEqual([expect.objectContaining({ status: 'Resolved', cause: 'pos-down' })])
      await page.reads(/all is well/i)
    })
  }
})
