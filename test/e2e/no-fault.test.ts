import { describe, expect, it } from 'vitest'
import { useLocationPage } from './fixture/page.ts'
import { awaitIssues, canRunLab, quietly, useStack } from './fixture/stack.ts'

describe.skipIf(!canRunLab)('what is no fault', () => {
  const stack = useStack({ hasBackupUplink: false })
  const page = useLocationPage(stack)

  it('opens nothing for a sleeping terminal, a restart, a move and a new device', async () => {
    const before = (await stack().issues()).length
    await quietly(stack(), 'fault', 'pos-sleep', 'pos-3')
    await quietly(stack(), 'fault', 'new-device')
    await quietly(stack(), 'fault', 'roam', 'office-1')
    await quietly(stack(), 'fault', 'pos-restart', 'pos-1')
    await expect(awaitIssues(stack(), (issues) => issues.length > before, 60_000)).rejects.toThrow(
      /after 60 s/,
    )
    await page.reads(/all is well/i)
  })
})
