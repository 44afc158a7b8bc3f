import { describe, expect, it } from 'vitest'
import { findMirrors, NoMirrorError, sourcesList } from './mirrors.ts'

const deb822 = {
  file: 'debian.sources',
  text: `Types: deb
# a remark
URIs: http://mirror.test/debian/
Suites: bookworm bookworm-updates
Components: main

Types: deb
Enabled: no
URIs: http://off.test/debian
Suites: bookworm-security

Types: deb
URIs: http://safe.test/debian-security
Suites: bookworm-security
Components: main
`,
}
const oneLine = {
  file: 'sources.list',
  text: `# deb http://old.test/debian bookworm main
deb-src http://source.test/debian bookworm main
deb http://packages.test/apt cloud main
deb [arch=amd64 signed-by=/k.gpg] http://mirror.test/debian bookworm main
`,
}

describe('where Debian’s packages come from', () => {
  it('is read from both forms of apt’s sources', () => {
    const expected = { archive: 'http://mirror.test/debian', security: 'http://safe.test/debian-security' }
    expect(findMirrors({}, 'bookworm', [deb822])).toEqual(expected)
    expect(findMirrors({}, 'bookworm', [oneLine, deb822])).toEqual(expected)
  })

  it('is what the user names, before all', () => {
    const env = { PROACTIVE_DEBIAN_MIRROR: 'http://mine.test/debian' }
    expect(findMirrors(env, 'noble', [])).toEqual({
      archive: 'http://mine.test/debian',
      security: 'http://mine.test/debian-security',
    })
  })

  it('is one sentence with the way out where no archive is known', () => {
    expect(() => findMirrors({}, 'bookworm', [])).toThrow(NoMirrorError)
    expect(() => findMirrors({}, '', [deb822])).toThrow(/PROACTIVE_DEBIAN_MIRROR/)
  })

  it('has the release, its updates, its security updates and backports', () => {
    const list = sourcesList({ archive: 'http://a.test/d', security: 'http://s.test/d' }, 'trixie')
    expect(list.match(/^deb \[signed-by=\S+\] \S+ \S+ main non-free-firmware$/gm)).toHaveLength(4)
    expect(list).toContain('http://s.test/d trixie-security')
  })
})
