import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFrameGuard } from './frame-guard.ts'

const limits = { maxBytesBeforeConnack: 8_192, maxPacketBytes: 262_400 }

/** An MQTT packet of a type with a body of so many bytes. */
function packet(type: number, bodyLength: number): Buffer {
  const head = [type << 4]
  let left = bodyLength
  do {
    head.push((left % 128) | (left >= 128 ? 0x80 : 0))
    left = Math.floor(left / 128)
  } while (left > 0)
  return Buffer.concat([Buffer.from(head), Buffer.alloc(bodyLength, 0xff)])
}

function admitted() {
  const guard = createFrameGuard(limits)
  expect(guard.accept(packet(1, 20))).toBeUndefined()
  guard.admit()
  return guard
}

describe('the frame guard', () => {
  it('follows any packets in any chunks', () => {
    const packets = fc.array(fc.tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 0, max: 40_000 })), {
      maxLength: 12,
    })
    fc.assert(
      fc.property(
        packets,
        fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 20 }),
        (list, sizes) => {
          const guard = admitted()
          const bytes = Buffer.concat(list.map(([type, length]) => packet(type, length)))
          let at = 0
          for (let index = 0; at < bytes.length; index++) {
            const size = sizes[index % sizes.length] ?? 1
            expect(guard.accept(bytes.subarray(at, at + size))).toBeUndefined()
            at += size
          }
          expect(guard.hasSaidGoodbye).toBe(list.some(([type]) => type === 14))
          expect(guard.accept(packet(3, limits.maxPacketBytes + 1))).toBe('packet-too-large')
        },
      ),
    )
  })

  it('survives any bytes at all', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 2_000 }),
        (bytes) => void createFrameGuard(limits).accept(bytes),
      ),
    )
  })

  it.each([
    ['a first packet that is no CONNECT', [0x30, 0x00], 'first-packet'],
    ['a length of five bytes', [0x10, 0xff, 0xff, 0xff, 0xff, 0x01], 'length-malformed'],
    ['a packet of 256 MB', [0x10, 0xff, 0xff, 0xff, 0x7f], 'packet-too-large'],
  ])('sees %s', (_, bytes, reason) => {
    expect(createFrameGuard(limits).accept(Buffer.from(bytes))).toBe(reason)
  })

  it('gives strangers a small budget, whatever their packets are', () => {
    const guard = createFrameGuard(limits)
    expect(guard.accept(packet(1, 8_000))).toBeUndefined()
    expect(guard.accept(packet(12, 0))).toBeUndefined()
    expect(guard.accept(packet(3, 300))).toBe('too-much-before-connack')
  })
})
