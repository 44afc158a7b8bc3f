import { describe, expect, it } from 'vitest'
import type { DeviceView } from '../faults/model.ts'
import { tellCutOff } from './asleep-or-cut-off.ts'
import { viewOf } from './web-under-test.ts'

const [plain] = viewOf('loc').devices
if (plain === undefined) throw new Error('the fixture has a device')

type Told = Partial<DeviceView['device']> & Pick<DeviceView, 'health'>
function device(id: string, { health, ...told }: Told): DeviceView {
  return {
    ...(plain as DeviceView),
    device: { ...(plain as DeviceView).device, id, ...told },
    health,
    sinceMs: 5,
  }
}
const router = (health: DeviceView['health']) => ({
  ...device('router', { health, role: 'router', isGateway: true }),
  sinceMs: 9,
})
const sleeper = (parent?: string) =>
  device('sleeper', {
    health: 'asleep',
    isSleeper: true,
    ...(parent === undefined ? {} : { attachedTo: { deviceId: parent } }),
  })
const bridge = (id: string, health: DeviceView['health'], parent?: string) =>
  device(id, {
    health,
    role: 'switch',
    ...(parent === undefined ? {} : { attachedTo: { deviceId: parent } }),
  })
const till = (health: DeviceView['health']) => device('till', { health })
const healthOf = (...devices: DeviceView[]) =>
  tellCutOff(devices).find(({ device: { id } }) => id === 'sleeper')?.health

describe('a sleeper', () => {
  it('is unknown while the router is down, since that is so, and says why', () => {
    const [told] = tellCutOff([sleeper(), router('down'), till('unknown')])
    expect(told).toMatchObject({
      health: 'unknown',
      sinceMs: 9,
      explainedBy: 'Asleep or cut off: the router does not answer',
    })
  })

  it.each([
    ['the router answers', [router('ok'), till('down')]],
    ['somebody answers without the router', [router('down'), till('degraded')]],
    ['its own switch answers', [router('down'), bridge('parent', 'degraded')], 'parent'],
    ['another router answers', [router('down'), { ...router('ok'), sinceMs: 1 }]],
  ])('stays asleep where %s', (_, others, parent?: string) => {
    expect(healthOf(sleeper(parent), ...others)).toBe('asleep')
  })

  it.each([
    ['its switch is down', [router('ok'), till('ok'), bridge('parent', 'down')]],
    [
      'the switch of its access point is down',
      [router('ok'), bridge('parent', 'unknown', 'up'), bridge('up', 'down')],
    ],
    [
      'the router is down and its switch fell silent with it',
      [router('down'), till('degraded'), bridge('parent', 'unknown')],
    ],
    [
      'switches that name each other are silent',
      [router('down'), bridge('parent', 'unknown', 'up'), bridge('up', 'unknown', 'parent')],
    ],
  ])('is unknown where %s', (_, others) => {
    expect(healthOf(sleeper('parent'), ...others)).toBe('unknown')
  })
})

it('leaves who is merely away as it is', () => {
  const phone = device('phone', { health: 'asleep', role: 'mobile' })
  expect(tellCutOff([phone, router('down')])[0]).toBe(phone)
})
