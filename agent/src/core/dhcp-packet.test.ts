import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDhcpRequest } from './dhcp-packet.ts'

function packet(options: readonly number[], mac = [0x00, 0x0b, 0x4f, 1, 2, 3]): Uint8Array {
  const bytes = new Uint8Array(240 + options.length)
  bytes.set([1, 1, 6, 0])
  bytes.set(mac, 28)
  bytes.set([0x63, 0x82, 0x53, 0x63], 236)
  bytes.set(options, 240)
  return bytes
}
const text = (word: string) => [...Buffer.from(word)]
const option = (code: number, value: readonly number[]) => [code, value.length, ...value]

describe('parseDhcpRequest', () => {
  it('reads who asks, for which address, and in which words', () => {
    const heard = parseDhcpRequest(
      packet([
        ...option(53, [3]),
        ...option(12, text('pos-1')),
        ...option(60, text('MSFT 5.0')),
        ...option(55, [1, 3, 6, 15]),
        ...option(50, [192, 0, 2, 21]),
        ...option(54, [192, 0, 2, 1]),
        255,
      ]),
    )
    expect(heard).toEqual({
      mac: '00:0b:4f:01:02:03',
      messageType: 'request',
      hostname: 'pos-1',
      vendorClass: 'MSFT 5.0',
      parameterList: '1,3,6,15',
      requestedIp: '192.0.2.21',
      serverId: '192.0.2.1',
    })
  })

  it('hears neither servers nor clients of other networks', () => {
    const offer = packet([...option(53, [2]), 255])
    expect(parseDhcpRequest(offer)).toBeUndefined()
    const reply = packet([...option(53, [1]), 255])
    reply[0] = 2
    expect(parseDhcpRequest(reply)).toBeUndefined()
  })

  it('takes any bytes without throwing, and control characters out of names', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => void parseDhcpRequest(bytes)))
    const options = fc.array(fc.nat(255), { maxLength: 300 })
    fc.assert(
      fc.property(options, (bytes) => {
        const heard = parseDhcpRequest(packet([...option(53, [1]), ...bytes]))
        expect(heard?.hostname ?? '').not.toMatch(/\p{Cc}/u)
      }),
    )
  })
})
