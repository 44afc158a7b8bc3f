import { describe, it } from 'vitest'
import { expectDarkThenExplained } from './fixture/dark.ts'
import { useLocationPage } from './fixture/page.ts'
import { canRunLab, useStack } from './fixture/stack.ts'

describe.skipIf(!canRunLab)('a Location with one way out', () => {
  const stack = useStack({ hasBackupUplink: false })
  const page = useLocationPage(stack)

  it('goes dark by a power cut, and the same Issue says so afterwards', async () => {
    await expectDarkThenExplained(stack(), page, ['power-cut'], {
      cause: 'power-cut',
      team: 'Network Team',
      reads: /power cut since/i,
    })
  })
})
