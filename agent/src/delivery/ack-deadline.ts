import type { CloudConnection, Scheduler } from '../ports/index.ts'

/** Longer than any stall of a cloud that still works: its own deadlines are shorter. */
const ackTimeoutMs = 60_000

/**
 * A connection that is cut when one of its messages is not acknowledged in time: a cloud that takes but never answers, while keepalives go
 * on, would else hold everything back for ever. What was under way is sent again over the next connection.
 */
export function withAckDeadline(connection: CloudConnection, scheduler: Scheduler): CloudConnection {
  return {
    publish: async (kind, payload, options) => {
      const stop = scheduler.after(ackTimeoutMs, () => connection.cut())
      try {
        await connection.publish(kind, payload, options)
      } finally {
        stop()
      }
    },
    close: () => connection.close(),
    cut: () => connection.cut(),
  }
}
