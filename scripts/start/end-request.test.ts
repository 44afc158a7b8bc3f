import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { askedToEnd } from './end-request.ts'

function asking() {
  const source = new EventEmitter()
  const world = { nowMs: 5_000, timesAtOnce: 0 }
  const asked = askedToEnd(
    source,
    () => {
      world.timesAtOnce += 1
    },
    () => world.nowMs,
  )
  return { source, world, asked }
}

describe('the signals that end npm start', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('takes %s as the order to end in order', async (signal) => {
    const { source, asked } = asking()
    source.emit(signal)
    await expect(asked).resolves.toBe(`asked to end (${signal})`)
  })

  it('takes the same Ctrl-C that arrives by a second way for one order, and leaves none to the default', () => {
    const { source, world } = asking()
    source.emit('SIGINT')
    world.nowMs += 300
    source.emit('SIGINT')
    source.emit('SIGTERM')
    expect(world.timesAtOnce).toBe(0)
    expect(source.listenerCount('SIGINT')).toBe(1)
  })

  it('ends at once, and once, when somebody asks again later', () => {
    const { source, world } = asking()
    source.emit('SIGINT')
    world.nowMs += 2_100
    source.emit('SIGINT')
    source.emit('SIGINT')
    expect(world.timesAtOnce).toBe(1)
  })
})
