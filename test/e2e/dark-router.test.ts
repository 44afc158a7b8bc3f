import { describe, it } from 'vitest'
import { expectDarkThenExplained } from './fixture/dark.ts'
import { useLocationPage } from './fixture/page.ts'
import { canRunLab, useStack } from './fixture/stack.ts'

describe.skipIf(!canRunLab)('a Location with one way out', () => {
  const stack = useStack({ hasBackupUplink: false })
  const page = useLocationPage(stack)

  it('goes dark by a dead router, and the same Issue says so afterwards', async () => {
    await expectDarkThenExplained(stack(), page, ['router-down'], {
      cause: 'router-down',
      team: 'Network Team',
      reads: /router unreachable since/i,
    })
  })
})
