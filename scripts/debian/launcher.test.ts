import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { launcherScript } from './launcher.ts'

/** Runs a launcher of `/bin/sh` that prints what the program sees. */
function seen(script: string, env: Record<string, string>): string[] {
  const printSeen = ['-c', 'printf "%s\\n" "$LD_LIBRARY_PATH" "$MIBDIRS" "$0"', 'an argument']
  const { stdout } = spawnSync('/bin/sh', ['-c', script, 'launcher', ...printSeen], { env, encoding: 'utf8' })
  return stdout.split('\n')
}

describe('launcher of an extracted program', () => {
  const script = launcherScript('/bin/sh', ["/cache/it's here", '/cache/b'], [['MIBDIRS', ['/cache/mibs']]])

  it('puts the fetched libraries before the caller’s own', () => {
    const [libraries, , argument] = seen(script, { LD_LIBRARY_PATH: '/mine' })
    expect(libraries).toBe("/cache/it's here:/cache/b:/mine")
    expect(argument).toBe('an argument')
  })

  it('keeps a folder that the caller has named', () => {
    expect(seen(script, {})[1]).toBe('/cache/mibs')
    expect(seen(script, { MIBDIRS: '/mine' })[1]).toBe('/mine')
  })
})
