import { describe, it } from 'vitest'
import { expectDarkThenExplained } from './fixture/dark.ts'
import { canRunLab, useStack } from './fixture/stack.ts'

describe.skipIf(!canRunLab)('a Location with one way out', () => {
  const stack = useStack({ hasBackupUplink: false })

  it('goes dark by a dead router, and the same Issue says so afterwards', async () => {
    await expectDarkThenExplained(stack(), ['router-down'], { cause: 'router-down', team: 'Network Team' })
  })
})
