import { describe, expect, it } from 'vitest'
import { resolveEntry } from './commands.mjs'

describe('what a command line starts', () => {
  it('passes the user’s arguments on behind our own', () => {
    expect(resolveEntry(['test-full', 'agent'])).toEqual({
      main: 'scripts/test/main.ts',
      args: ['--full', 'agent'],
    })
  })

  it('starts a workspace’s program', () => {
    expect(resolveEntry(['program', 'agent', 'scan', '--json'])).toMatchObject({ args: ['scan', '--json'] })
  })

  it.each([[['tset']], [[]], [['program', 'printer']], [['constructor']]])(
    'names the choices for %j',
    (argv) => {
      expect(resolveEntry(argv)).toMatch(/^There is no (command|program) .*(agent|npm run).*\.$/)
    },
  )
})
