import { describe, it } from 'vitest'
import { expectDarkThenExplained } from './fixture/dark.ts'
import { useLocationPage } from './fixture/page.ts'
import { canRunLab, useStack } from './fixture/stack.ts'

describe.skipIf(!canRunLab)('a Location with one way out', () => {
  const stack = useStack({ hasBackupUplink: false })
  const page = useLocationPage(stack)

  it('goes dark by a silent provider, and the same Issue says so afterwards', async () => {
    await expectDarkThenExplained(stack(), page, ['wan-down', 'provider'], {
      cause: 'provider-down',
      team: 'Network Team',
      reads: /internet provider down since/i,
    })
  })
})
