import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Site } from './testing/site.ts'

describe('evidence in any order', () => {
  const behindRouter: readonly ((at: Site) => void)[] = [
    (at) => at.gateway(false),
    (at) => at.carrier(false),
    (at) => at.wan('down', { firstHop: false, wanLink: null }),
    (at) => at.silent('pos-1'),
    (at) => at.silent('pos-2'),
    (at) => at.silent('printer-1'),
    (at) => at.paypath('tcp'),
    (at) => at.dns(false),
  ]
  const behindWan: readonly ((at: Site) => void)[] = [
    (at) => at.wan('down', { firstHop: false, wanLink: false }),
    (at) => at.paypath('tcp'),
    (at) => at.dns(false),
  ]
  const behindSwitch = ['switch', 'pos-1', 'pos-2', 'printer-1', 'office-1'].map(
    (id) => (at: Site) => at.silent(id),
  )

  const behindLine: readonly ((at: Site) => void)[] = [
    (at) =>
      at.see({
        type: 'wan-changed',
        uplinkId: 'primary',
        state: 'degraded',
        firstHop: true,
        wanLink: true,
        lossRatio: 0.6,
        sinceMs: at.nowMs,
      }),
    (at) => at.paypath('tcp'),
    (at) => at.dns(false),
  ]
  const ofConflict: readonly ((at: Site) => void)[] = [
    (at) =>
      at.see({
        type: 'ip-conflict',
        ip: '192.0.2.3',
        macs: ['00:31:92:00:00:03', '00:31:92:00:00:08'],
        isActive: true,
      }),
    (at) => at.silent('pos-1'),
  ]
  const behindResolver: readonly ((at: Site) => void)[] = [(at) => at.dns(false), (at) => at.paypath('dns')]

  it.each([
    ['wan-degraded line', behindLine, []],
    ['ip-conflict 192.0.2.3', ofConflict, ['pos-1']],
    ['dns-failing dns', behindResolver, []],
    ['router-down router', behindRouter, ['router', 'switch', 'pos-1', 'pos-2', 'printer-1', 'office-1']],
    ['wan-link-down wan', behindWan, []],
    ['switch-down switch', behindSwitch, ['switch', 'pos-1', 'pos-2', 'printer-1', 'office-1']],
  ] as const)('within five seconds ends in one %s, and opens nothing else', (root, evidence, mute) => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...evidence], { minLength: evidence.length }),
        fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 8, maxLength: 8 }),
        (shuffled, gaps) => {
          const at = new Site().settle().forget()
          // The fault itself comes first: who is cut off answers no probe any more.
          for (const id of mute) at.mute.add(id)
          shuffled.forEach((tell, index) => {
            tell(at)
            at.pass(gaps[index] ?? 0)
          })
          at.pass(60_000)
          expect(at.open).toEqual([root])
          expect(at.story.filter((line) => line.startsWith('opened'))).toHaveLength(1)
          expect(at.last.affectedDeviceIds).toEqual([...at.last.affectedDeviceIds].sort())
        },
      ),
      { numRuns: 150 },
    )
  })
})
