import { describe, it } from 'vitest'
import { expectDarkThenExplained } from './fixture/dark.ts'
import { canRunLab, useStack } from './fixture/stack.ts'

describe.skipIf(!canRunLab)('a Location with one way out', () => {
  const stack = useStack({ hasBackupUplink: false })

  it('goes dark by a power cut, and the same Issue says so afterwards', async () => {
    await expectDarkThenExplained(stack(), ['power-cut'], { cause: 'power-cut', team: 'Network Team' })
  })
})
