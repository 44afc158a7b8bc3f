import { ContractError } from '@proactive/shared'
import { describe, expect, it } from 'vitest'
import { createFaultCore } from './index.ts'
import { device, Site } from './testing/site.ts'
import { noteHour } from './week.ts'

const core = createFaultCore({ env: 'test', profile: 'production' })
/** Weeks with an odd hour in fifty, mornings, sleeps, baselines with every season, planned work and a year's holidays. */
function learnEverything(at: Site): void {
  for (const [index, facts] of at.state.devices.entries()) {
    let week = ''
    for (let hour = 0; hour < 4 * 168; hour += 1) {
      const isTrading = hour % 24 >= 8 && hour % 24 < 20
      week = noteHour(week, hour % 168, (hour * 31 + index * 17) % 50 === 0 ? !isTrading : isTrading)
    }
    facts.habit = { week, mornings: 2 ** 21 + 3, sleeps: 1_000, longestSleepMs: 1_234_567 }
  }
  for (const { baseline } of at.state.paths)
    Object.assign(baseline, {
      learnedSeconds: 172_800,
      usual: 4_123_456,
      bare: 4_012_345,
      spread: 123_456,
      seasons: baseline.seasons.map(() => -123_456),
    })
  if (at.state.config === null) throw new Error('not configured')
  at.state.config = {
    ...at.state.config,
    calendar: {
      openings: [1, 2, 3, 4, 5, 6].map((weekday) => ({ weekday, from: '08:00', to: '20:00' })),
      holidays: Array.from({ length: 14 }, (_, day) => `2026-12-${10 + day}`),
    },
    maintenance: Array.from({ length: 4 }, (_, at) => ({
      id: `work-k4xq2m7a5b3c9d8${at}`,
      schedule: { kind: 'cron', expression: '30 2 * * 1-5', lastsMinutes: 60 },
    })),
  }
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('the stored state', () => {
  it('of 50 devices with a fault fits into 20 kB', () => {
    const devices = [
      device('d18fd74000001', 1, 'router', { isGateway: true, vendor: 'MikroTik', model: 'RB750Gr3' }),
    ]
    for (let n = 2; n <= 50; n += 1)
      devices.push(
        device(`d00319200${n}f3a2`, n, n % 3 === 0 ? 'pos-terminal' : 'printer', {
          name: `Terminal ${n}`,
          vendor: 'Verifone',
          model: 'Vx520',
        }),
      )
    const at = new Site({ devices }).settle()
    at.gateway(false)
    for (const { id } of devices.slice(1)) at.silent(id)
    at.pass(30_000)
    expect(at.open).toEqual(['router-down router'])
    expect(core.serialize(at.state).byteLength).toBeLessThanOrEqual(20_480)
    learnEverything(at)
    expect(core.serialize(at.state).byteLength).toBeLessThanOrEqual(20_480)
  })

  it.each([
    ['no JSON', bytesOf('{'), 'json-invalid'],
    ['no UTF-8', new Uint8Array([0xff, 0xfe]), 'json-invalid'],
    ['another version', bytesOf('{"v":2}'), 'version-unsupported'],
    ['something else', bytesOf('{"v":1}'), 'schema-invalid'],
    ['a list', bytesOf('[]'), 'schema-invalid'],
  ])('is refused where it is %s', (_name, bytes, code) => {
    expect(() => core.deserialize(bytes)).toThrow(ContractError)
    expect(() => core.deserialize(bytes)).toThrow(expect.objectContaining({ code }))
  })
})
