import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { openLogFile } from './log-file.ts'

describe('a log file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'proactive-log-'))
  const file = join(folder, 'logs', 'ingest.log')
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('keeps the newest lines in two files of bounded size, across a new start', () => {
    const first = openLogFile(file, 1_000)
    for (let line = 0; line < 100; line++) first.write(`line ${line} of the first run\n`)
    first.end()
    first.write('after its end\n')
    const second = openLogFile(file, 1_000)
    for (let line = 0; line < 100; line++) second.write(`line ${line} of the second run\n`)
    second.end()
    second.end()
    expect(readdirSync(join(folder, 'logs')).sort()).toEqual(['ingest.log', 'ingest.log.1'])
    const texts = ['ingest.log.1', 'ingest.log'].map((name) =>
      readFileSync(join(folder, 'logs', name), 'utf8'),
    )
    for (const text of texts) expect(text.length).toBeLessThanOrEqual(1_000)
    const lines = texts.join('').trimEnd().split('\n')
    expect(lines.at(-1)).toBe('line 99 of the second run')
    expect(lines).toEqual(lines.map((_, index) => `line ${100 - lines.length + index} of the second run`))
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })
})
