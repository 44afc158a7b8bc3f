import { describe, expect, it } from 'vitest'
import { isAskedBySnmp } from './profiles.ts'

describe('who is shown the SNMP community', () => {
  it('is the gateway, whatever it looks like, and managed equipment', () => {
    expect(isAskedBySnmp({ role: 'unknown', isGateway: true })).toBe(true)
    for (const role of ['router', 'switch', 'access-point', 'printer', 'ups'] as const)
      expect(isAskedBySnmp({ role, isGateway: false })).toBe(true)
  })

  it('is no terminal, no phone, and no newcomer that nobody knows', () => {
    for (const role of ['pos-terminal', 'unknown', 'mobile', 'workstation', 'iot'] as const)
      expect(isAskedBySnmp({ role, isGateway: false })).toBe(false)
  })
})
