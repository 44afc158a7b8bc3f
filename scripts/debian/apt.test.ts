import { describe, expect, it } from 'vitest'
import { parseSimulation, parseSizes } from './apt.ts'

describe('reading what apt says', () => {
  it('finds new and upgraded packages with the version it would bring', () => {
    const text = `NOTE: This is only a simulation!
Reading package lists...
Inst libpci3 (1:3.9.0-4 Debian:12.15/oldstable [amd64])
Inst libssl3 [3.0.15-1] (3.0.17-1 Debian:12.15/oldstable, Debian-Security:12/oldstable-security [amd64])
Inst pci.ids (0.0~2023.04.11-1 Debian:12.15/oldstable [all])
Conf libpci3 (1:3.9.0-4 Debian:12.15/oldstable [amd64])
`
    expect(parseSimulation(text)).toEqual([
      { name: 'libpci3', version: '1:3.9.0-4' },
      { name: 'libssl3', version: '3.0.17-1' },
      { name: 'pci.ids', version: '0.0~2023.04.11-1' },
    ])
  })

  it('finds nothing when everything is installed', () => {
    expect(parseSimulation('fping is already the newest version (5.1-1).\n')).toEqual([])
  })

  it('sums the sizes of a download', () => {
    const line = (bytes: number) =>
      `'http://deb.example/pool/f/fping_5.1-1_amd64.deb' fping_5.1-1_amd64.deb ${bytes} SHA256:00\n`
    expect(parseSizes(line(36_628) + line(1000))).toBe(37_628)
  })
})
