import { describe, expect, it } from 'vitest'
import { describePlan } from './install-extras.ts'

describe('what an installation would bring', () => {
  it('is told as list and size', () => {
    const preview = `Reading package lists...
The following additional packages will be installed:
  chromium-common libfoo1
The following NEW packages will be installed:
  chromium chromium-common
  libfoo1
0 upgraded, 3 newly installed, 0 to remove and 5 not upgraded.
Need to get 80.1 MB/93.4 MB of archives.
After this operation, 371 MB of additional disk space will be used.
Do you want to continue? [Y/n] N
Abort.
`
    expect(describePlan(preview)).toBe(
      'will install 3 Debian packages (download 80.1 MB, disk 371 MB): chromium chromium-common libfoo1',
    )
  })

  it('is nothing when apt refuses', () => {
    expect(describePlan('E: Unable to locate package chromium\n')).toBeUndefined()
  })
})
