import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { silentLog } from '../ports/index.ts'
import { childSpacingMs, createFping, mostPerChild } from './fping.ts'

const pathBefore = process.env.PATH
const folder = mkdtempSync(join(tmpdir(), 'proactive-fping-'))
afterEach(() => {
  process.env.PATH = pathBefore
  rmSync(folder, { recursive: true, force: true })
})

/** A program in fping's place that answers for every address it is given, in fping's words, and notes how it was called. */
const standIn = `#!/bin/sh
mode="$1"
spacing=
for word in "$@"; do
  [ "$before" != -i ] || spacing="$word"
  before="$word"
done
echo "$mode $spacing" >> '${join(folder, 'calls')}'
for word in "$@"; do
  case "$word" in
    10.*) if [ "$mode" = -C ]; then echo "$word : 1.5" >&2; else echo "$word : [0], 64 bytes, 1.5 ms (1.5 avg, 0% loss)"; fi ;;
  esac
done
[ "$mode" = -C ] || exec sleep 20
`

describe('fping with more targets than one child takes', () => {
  it('leaves nobody out: the rest has a child of its own, asked once or for ever, and both together keep the pace of one', async () => {
    writeFileSync(join(folder, 'fping'), standIn)
    chmodSync(join(folder, 'fping'), 0o755)
    process.env.PATH = `${folder}:${pathBefore}`
    const ips = Array.from({ length: mostPerChild + 300 }, (_, at) => `10.0.${at >> 8}.${at & 255}`)
    const fping = createFping(silentLog, process.env.PATH)
    const asked = await fping.ask(ips, { count: 1, timeoutMs: 5_000 })
    expect(asked.map(({ ip }) => ip)).toEqual(ips)
    const heard = new Set<string>()
    await new Promise<void>((resolve) => {
      const stop = fping.monitor({ ips, periodMs: 10_000, timeoutMs: 900 }, ({ ip }) => {
        heard.add(ip)
        if (heard.size < ips.length) return
        stop()
        resolve()
      })
    })
    expect(readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n')).toEqual([
      '-C 2',
      '-C 2',
      '-l 2',
      '-l 2',
    ])
  })

  it.each([
    { children: 1, periodMs: 10_000, ownMs: 1 },
    { children: 1, periodMs: 1_000, ownMs: 1 },
    { children: 3, periodMs: 10_000, ownMs: 3 },
    { children: 3, periodMs: 2_400, ownMs: 2 },
    { children: 14, periodMs: 30_000, ownMs: 14 },
    { children: 14, periodMs: 1_000, ownMs: 1 },
  ])('each of $children waits $ownMs ms between its packets in a round of $periodMs ms', (how) => {
    const ownMs = childSpacingMs(how.children, how.periodMs)
    expect(ownMs).toBe(how.ownMs)
    if (ownMs > 1) expect(mostPerChild * ownMs).toBeLessThanOrEqual(how.periodMs)
  })
})
