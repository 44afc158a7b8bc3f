import type { ChangeWord } from '@proactive/shared/http'
import { describe, expect, it } from 'vitest'
import { changeWords, deviceOf } from './changes.ts'

const names = new Map([['dev-1', 'Till 1']])
const before = { deviceId: 'dev-0', model: 'Vx520', serial: 'A1' }
const after = { deviceId: 'dev-1', model: 'Vx520', mac: '00:0b:4f:11:52:01' }
const cases: [ChangeWord, string, string | undefined][] = [
  [
    { type: 'device-new', unit: { deviceId: 'dev-9', role: 'printer', ip: '192.0.2.9' } },
    'New: 192.0.2.9',
    'dev-9',
  ],
  [
    { type: 'device-moved', deviceId: 'dev-1', from: 'port sw 3', to: 'port sw 4' },
    'Till 1: plugged in at sw 4 instead of sw 3',
    'dev-1',
  ],
  [
    { type: 'device-moved', deviceId: 'dev-1', from: '192.0.2.1', to: '192.0.2.2' },
    'Till 1: address 192.0.2.2 instead of 192.0.2.1',
    'dev-1',
  ],
  [{ type: 'device-replaced', before, after }, 'Vx520 A1 was replaced by Vx520 00:0b:4f:11:52:01', 'dev-1'],
  [
    { type: 'equipment-changed', deviceId: 'dev-7', aspect: 'printer', faults: ['no paper', 'door open'] },
    'dev-7 says: no paper, door open',
    'dev-7',
  ],
  [
    { type: 'equipment-changed', deviceId: 'dev-1', aspect: 'printer', faults: [] },
    'Till 1 is well again',
    'dev-1',
  ],
  [
    { type: 'agent-started', previousEnd: 'power-loss', downMs: 7_200_000 },
    'The appliance started again: it had lost its power; nobody watched for 2 h',
    undefined,
  ],
]

describe('a change in words', () => {
  it.each(cases)('%o', (change, words, deviceId) => {
    expect(changeWords(change, (id) => names.get(id))).toBe(words)
    expect(deviceOf(change)).toBe(deviceId)
  })
})
