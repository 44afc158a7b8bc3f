import { describe, expect, it } from 'vitest'
import { lineTargets, middleOf } from './usual.ts'

describe('what is usual', () => {
  it('lies between the tenth and the ninetieth of a hundred, and needs half a day', () => {
    expect(middleOf([...Array.from({ length: 101 }, (_, n) => n), null])).toEqual({ lowMs: 10, highMs: 90 })
    expect(middleOf(Array.from({ length: 11 }, () => 5))).toBeUndefined()
  })

  it('is of the line that the shop uses first', () => {
    const target = (id: string) => ({ alias: 1, id, kind: 'wan' as const, name: id })
    const uplink = (id: string, kind: 'primary' | 'backup') => ({
      id,
      kind,
      interface: 'eth0',
      hasCarrier: true,
    })
    const targets = ['backup_a', 'primary_a', 'primary_b', 'primary_c'].map(target)
    const uplinks = [uplink('backup', 'backup'), uplink('primary', 'primary')]
    const line = lineTargets({ targets, uplinks })
    expect([line.uplinkId, line.targets.map(({ id }) => id)]).toEqual(['primary', ['primary_a', 'primary_b']])
    expect(lineTargets({ targets: [target('any_x')], uplinks: [] }).targets).toHaveLength(1)
  })
})
