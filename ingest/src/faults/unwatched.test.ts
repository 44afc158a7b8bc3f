import { describe, expect, it } from 'vitest'
import { Site } from './testing/site.ts'

const calm = () => new Site().settle().forget()
const conflict = (at: Site) =>
  at.see({
    type: 'ip-conflict',
    ip: '192.0.2.3',
    macs: ['00:31:92:00:00:03', '00:31:92:00:00:08'],
    isActive: true,
  })

/** Half a minute each; `payMs` = the way to the processor is walked in it. */
function batches(at: Site, count: number, payMs: number | null = null): void {
  for (let batch = 0; batch < count; batch += 1) {
    at.pass(30_000)
    at.telemetry({ payMs })
  }
}

describe('what nobody will tell the end of', () => {
  it('a processor that was taken off the list is let go after half an hour of batches without it', () => {
    const at = calm()
    at.paypath('tcp')
    at.pass(60_000)
    batches(at, 50)
    expect(at.open).toEqual(['payment-path-failing processor'])
    batches(at, 15)
    expect(at.open).toEqual([])
    expect(at.last.reasons.at(-1)?.text).toBe('It is not watched any more')
  })

  it('a conflict that was seen before the agent’s restart, and not since, is over', () => {
    const at = calm()
    conflict(at)
    at.pass(60_000)
    batches(at, 200)
    expect(at.open).toEqual(['ip-conflict 192.0.2.3'])
    at.bootEpoch += 1
    at.birth()
    batches(at, 50)
    expect(at.open).toEqual(['ip-conflict 192.0.2.3'])
    batches(at, 30)
    expect(at.open).toEqual([])
  })

  it('one that the new agent sees again goes on', () => {
    const at = calm()
    conflict(at)
    at.pass(60_000)
    at.bootEpoch += 1
    at.birth()
    conflict(at)
    batches(at, 200)
    expect(at.open).toEqual(['ip-conflict 192.0.2.3'])
  })

  it('without batches nothing ends, however long', () => {
    const at = calm()
    at.paypath('tcp')
    at.silent('pos-1')
    at.pass(30 * 86_400_000)
    expect(at.open).toEqual(['payment-path-failing processor', 'pos-down pos-1'])
  })
})
