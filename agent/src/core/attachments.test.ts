import { describe, expect, it } from 'vitest'
import { attachmentsOf, attachmentText, type Bridge, readAttachment } from './attachments.ts'

const macOf = (number: number) => `00:31:92:00:00:${number.toString(16).padStart(2, '0')}`
const names = ['router', 'sw-a', 'sw-b', 'ap', 'pos-1', 'pos-2', 'pos-3', 'office'] as const
type Name = (typeof names)[number]
const mac = (name: Name) => macOf(names.indexOf(name) + 1)
const roleOf = (name: Name) =>
  name === 'router'
    ? 'router'
    : name === 'ap'
      ? 'access-point'
      : name.startsWith('sw')
        ? 'switch'
        : 'pos-terminal'
const devices = names.map((name) => ({
  id: name,
  role: roleOf(name),
  macs: [mac(name)],
  isGateway: name === 'router',
})) as Parameters<typeof attachmentsOf>[1]

const bridge = (
  deviceId: Name,
  ports: Partial<Record<Name, number>>,
  lldp: [Name, number][] = [],
  interfaceByPort: [number, number][] = [],
): Bridge => ({
  deviceId,
  ports: new Map(Object.entries(ports).map(([name, port]) => [mac(name as Name), port])),
  neighbors: lldp.map(([name, localPort]) => ({ mac: mac(name), localPort })),
  interfaceByPort: new Map(interfaceByPort),
})
const told = (...bridges: Bridge[]) =>
  Object.fromEntries(
    [...attachmentsOf(bridges, devices)].map(([id, attachment]) => [id, attachmentText(attachment)]),
  )

describe('where a device hangs', () => {
  it('is the switch that hears it on a port other than the one towards the router', () => {
    expect(told(bridge('sw-a', { router: 1, office: 1, 'pos-1': 3, 'pos-2': 4 }))).toEqual({
      office: '-',
      'pos-1': 'sw-a 3',
      'pos-2': 'sw-a 4',
    })
  })

  it('is the nearest of several switches in a row, whichever was read first', () => {
    const near = bridge('sw-b', { router: 8, 'sw-a': 8, office: 8, 'pos-1': 2 })
    const far = bridge('sw-a', { router: 1, 'sw-b': 5, 'pos-1': 5, 'pos-2': 6 })
    const expected = { office: '-', 'sw-a': '-', 'sw-b': 'sw-a 5', 'pos-1': 'sw-b 2', 'pos-2': 'sw-a 6' }
    expect(told(near, far)).toEqual(expected)
    expect(told(far, near)).toEqual(expected)
  })

  it('is the access point that names itself on that port, not any one that is merely heard there', () => {
    const ports = { router: 1, ap: 5, 'pos-1': 5, 'pos-2': 6 }
    expect(told(bridge('sw-a', ports, [['ap', 5]]))).toEqual({
      ap: 'sw-a 5',
      'pos-1': 'ap',
      'pos-2': 'sw-a 6',
    })
    expect(told(bridge('sw-a', ports))['pos-1']).toBe('sw-a 5')
    expect(told(bridge('sw-a', ports, [['ap', 7]]))['pos-1']).toBe('sw-a 5')
  })

  it('is found where the switch counts its ports for LLDP by interfaces', () => {
    const ports = { router: 1, ap: 5, 'pos-1': 5, 'pos-2': 6 }
    const interfaces: [number, number][] = [
      [1, 4],
      [5, 8],
      [6, 5],
    ]
    expect(told(bridge('sw-a', ports, [['ap', 8]], interfaces))).toMatchObject({
      'pos-1': 'ap',
      'pos-2': 'sw-a 6',
    })
    expect(told(bridge('sw-a', ports, [['ap', 4]], interfaces))['pos-1']).toBe('sw-a 5')
  })

  it('is not known at a switch that does not hear the router, nor for who is heard nowhere', () => {
    expect(told(bridge('sw-a', { 'pos-1': 3 }))).toEqual({})
    expect(told(bridge('sw-a', { router: 1 }))).toEqual({})
  })

  it('is read back as it was written, and nonsense as nothing', () => {
    for (const attachment of [{ deviceId: 'mac-003192000002', port: 24 }, { deviceId: 'ap' }])
      expect(readAttachment(attachmentText(attachment))).toEqual(attachment)
    for (const text of [undefined, '', '-', 'two words here', 'ap 0', 'ap -1', 'a/b 3'])
      expect(readAttachment(text)).toBeUndefined()
  })
})
