import { describe, expect, it } from 'vitest'
import { createManualScheduler } from '../testing/manual-scheduler.ts'
import { withAckDeadline } from './ack-deadline.ts'

describe('a connection whose messages must be acknowledged in time', () => {
  function open() {
    const scheduler = createManualScheduler()
    const waiting = Promise.withResolvers<void>()
    let cuts = 0
    const connection = withAckDeadline(
      {
        publish: () => waiting.promise,
        close: () => Promise.resolve(),
        cut: () => {
          cuts++
          waiting.reject(new Error('cut'))
        },
      },
      scheduler,
    )
    return { scheduler, waiting, connection, cuts: () => cuts }
  }

  it('is cut when the cloud takes a message and never answers', async () => {
    const { scheduler, connection, cuts } = open()
    const outcome = connection.publish('telemetry', new Uint8Array()).then(
      () => 'acknowledged',
      () => 'ended',
    )
    await scheduler.advance(59_000)
    expect(cuts()).toBe(0)
    await scheduler.advance(1_000)
    expect(cuts()).toBe(1)
    expect(await outcome).toBe('ended')
  })

  it('lives on when the answer came', async () => {
    const { scheduler, waiting, connection, cuts } = open()
    const published = connection.publish('telemetry', new Uint8Array())
    waiting.resolve()
    await published
    await scheduler.advance(120_000)
    expect(cuts()).toBe(0)
  })
})
