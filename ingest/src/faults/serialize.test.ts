import { ContractError } from '@proactive/shared'
import { describe, expect, it } from 'vitest'
import { createFaultCore } from './index.ts'
import { device, Site } from './testing/site.ts'

const core = createFaultCore({ env: 'test', profile: 'production' })
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
