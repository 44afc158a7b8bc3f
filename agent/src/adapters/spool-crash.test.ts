import { spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, it } from 'vitest'
import { openSqliteSpool } from './sqlite-spool.ts'

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0).reverse()) end()
})

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'proactive-crash-'))
  ends.push(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** A program that commits as fast as it can and says each commit that returned. */
const writer = (file: string) => `
  const { openSqliteSpool } = await import(${JSON.stringify(new URL('./sqlite-spool.ts', import.meta.url).href)})
  const spool = openSqliteSpool({ file: ${JSON.stringify(file)}, maxBytes: 1e9 })
  for (let n = 1; ; n++) {
    const entry = { kind: 'observation', bootEpoch: 1, atMs: n, clock: 'synced', maxAlias: 0, body: JSON.stringify({ n }) }
    spool.commit({ add: [{ entry, lane: 'live' }], samples: 's' + n })
    process.stdout.write(n + '\\n')
  }`

function collect(file: string): number[] {
  const spool = openSqliteSpool({ file, maxBytes: 1e9 })
  try {
    return spool.placed('live', 0, 1_000_000).map(({ seq }) => seq)
  } finally {
    spool.close()
  }
}

describe('a spool whose writer is killed in the middle', () => {
  it('has every commit that returned, without holes', async () => {
    const file = join(folder(), 'spool.db')
    const child = spawn(process.execPath, ['--input-type=module', '-e', writer(file)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    ends.push(() => child.kill('SIGKILL'))
    let said = 0
    for await (const line of createInterface({ input: child.stdout })) {
      said = Number(line)
      if (said === 150) child.kill('SIGKILL')
    }
    const kept = collect(file)
    expect(kept.length).toBeGreaterThanOrEqual(said)
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, index) => index + 1))
  })
})

describe('a spool whose file was hurt while nobody looked', () => {
  /** A closed spool of 300 records, to be hurt in many ways. */
  function soundFile(path: string): string {
    const file = join(path, 'sound.db')
    const spool = openSqliteSpool({ file, maxBytes: 1e9 })
    for (let atMs = 1; atMs <= 300; atMs++) {
      const entry = { kind: 'observation', bootEpoch: 1, clock: 'synced', maxAlias: 0 } as const
      spool.commit({ add: [{ entry: { ...entry, atMs, body: `{"n":${atMs}}` }, lane: 'live' }] })
    }
    spool.close()
    return file
  }

  it('opens again whatever was cut off or flipped: with what is sound, or anew and counted', () => {
    const path = folder()
    const sound = soundFile(path)
    const { size } = statSync(sound)
    for (let step = 0; step < 24; step++) {
      const file = join(path, `hurt-${step}.db`)
      copyFileSync(sound, file)
      const content = readFileSync(file)
      const place = Math.floor((size * (step + 1)) / 25)
      if (step % 2 === 0) writeFileSync(file, content.subarray(0, place))
      else {
        content.fill(0xa5, place, place + 64)
        writeFileSync(file, content)
      }
      const spool = openSqliteSpool({ file, maxBytes: 1e9 })
      const entry = {
        kind: 'observation',
        bootEpoch: 2,
        clock: 'synced',
        maxAlias: 0,
        atMs: 1,
        body: '{}',
      } as const
      spool.commit({ add: [{ entry, lane: 'live' }] })
      expect(spool.placed('live', 0, 1_000).some(({ bootEpoch }) => bootEpoch === 2)).toBe(true)
      const { quarantined } = spool.figures()
      const kept = spool.placed('live', 0, 1_000).filter(({ bootEpoch }) => bootEpoch === 1).length
      expect(quarantined > 0 ? kept === 0 : kept === 300).toBe(true)
      spool.close()
    }
  })
})
