import type { Birth, Device, DeviceEvidence } from '@proactive/shared'
import { decode, maxPayloadBytes } from '@proactive/shared/codec'
import { describe, expect, it } from 'vitest'
import { encodeBirth } from './encode-birth.ts'

const hex = (n: number) => n.toString(16).padStart(2, '0')

function device(n: number, evidence: DeviceEvidence[], words = ''): Device {
  return {
    ...{ alias: n, id: `mac-00005e00${hex(n >> 8)}${hex(n & 255)}`, role: 'unknown', confidence: 0.1 },
    ...(words === '' ? {} : { name: words, vendor: words, model: words, version: words, serial: words }),
    ips: [`192.0.${n >> 8}.${n & 255}`],
    macs: [`00:00:5e:00:${hex(n >> 8)}:${hex(n & 255)}`],
    ...{ isSleeper: false, isGateway: false, firstSeenMs: 1_700_000_000_000 + n },
    evidence,
  }
}

function birth(devices: Device[]): Birth {
  return {
    ...{ v: 1, bootEpoch: 1, atMs: 1_700_000_000_000, clock: 'synced', agentVersion: '1', networks: [] },
    ...{ uplinks: [], desiredVersion: 0, targets: [] },
    devices,
  } as Birth
}

/** Text that neither JSON nor deflate makes shorter: each piece from another place of a long random text. */
function createNoise(kind: 'ascii' | 'wide' | 'lone'): (length: number) => string {
  let seed = 7
  const codes = Array.from({ length: 120_000 }, () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    const value = seed >>> 8
    if (kind === 'ascii') return 0x21 + (value % 93)
    return kind === 'wide' ? 0x4e00 + (value % 0x5000) : 0xd800 + (value % 0x400)
  })
  const text = String.fromCharCode(...codes.slice(0, 60_000)) + String.fromCharCode(...codes.slice(60_000))
  let at = 0
  return (length) => {
    at = (at + 211) % (text.length - length)
    return text.slice(at, at + length)
  }
}

describe('a birth', () => {
  it('of honest devices is told whole', () => {
    const evidence: DeviceEvidence[] = [
      { source: 'oui', key: 'vendor', value: 'Verifone' },
      { source: 'dhcp', key: 'hostname', value: 'till-1' },
    ]
    const full = birth(Array.from({ length: 1_000 }, (_, index) => device(index + 1, evidence, 'Till')))
    const { payload, trimmed } = encodeBirth(full)
    expect(trimmed).toBe(0)
    expect(decode('birth', payload)).toEqual(full)
  })

  for (const [kind, count] of [
    ['ascii', 1_000],
    ['wide', 1_000],
    ['lone', 250],
  ] as const) {
    it(`of ${count} devices that say as much as they can (${kind}) still passes, with every alias in it`, () => {
      const noise = createNoise(kind)
      const loud = (): DeviceEvidence[] =>
        Array.from({ length: 16 }, (_, index) => ({
          source: 'dhcp',
          key: `key${index}`,
          value: noise(200),
        }))
      const full = birth(Array.from({ length: count }, (_, index) => device(index + 1, loud(), noise(80))))
      const { payload, trimmed } = encodeBirth(full)
      expect(payload.length).toBeLessThan(maxPayloadBytes)
      expect(trimmed).toBeGreaterThan(count)
      const read = decode('birth', payload)
      expect(read.devices.map(({ alias }) => alias)).toEqual(full.devices.map(({ alias }) => alias))
    }, 15_000)
  }

  it('costs honest devices nothing where a few are loud', () => {
    const noise = createNoise('wide')
    const honest: DeviceEvidence[] = [{ source: 'oui', key: 'vendor', value: 'Verifone' }]
    const loud = (): DeviceEvidence[] =>
      Array.from({ length: 40 }, (_, index) => ({
        source: 'mdns',
        key: `key${index}`,
        value: noise(200),
      }))
    const devices = Array.from({ length: 200 }, (_, index) =>
      device(index + 1, index % 2 === 0 ? loud() : honest),
    )
    const read = decode('birth', encodeBirth(birth(devices)).payload)
    for (const [index, one] of read.devices.entries())
      if (index % 2 === 1) expect(one.evidence).toEqual(honest)
  })
})
