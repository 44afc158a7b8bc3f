import type { Logger } from 'pino'
import type { SecretBox } from '../db/secret-box.ts'
import { destinationOf } from './channels.ts'
import { type Attempt, type DeliverDependencies, deliver } from './deliver.ts'
import type { NotificationMessage } from './message.ts'
import type { ChannelRow } from './tables.ts'

const standardDeadlineMs = 15_000

/** What a message needs of its channel's row. */
export type SendableChannel = Pick<ChannelRow, 'id' | 'kind' | 'target' | 'secret'>

/** Takes one message to a channel, once, within the deadline; failures are an outcome. `signal` cuts it short. */
export type TryOnce = (
  id: string,
  channel: SendableChannel,
  message: NotificationMessage,
  signal: AbortSignal,
) => Promise<Attempt>

export interface TryOnceDependencies extends DeliverDependencies {
  readonly secrets: SecretBox
  readonly log: Logger
  /** Ends a try that takes too long, from its first packet to the last: 15 s. */
  readonly deadline?: (() => AbortSignal) | undefined
}

export function createTryOnce(dependencies: TryOnceDependencies): TryOnce {
  const { secrets, log, deadline = () => AbortSignal.timeout(standardDeadlineMs) } = dependencies
  return async (id, channel, message, signal) => {
    const late = deadline()
    try {
      return await deliver(
        dependencies,
        destinationOf(secrets, channel),
        id,
        message,
        AbortSignal.any([signal, late]),
      )
    } catch (err) {
      log.error({ err, channelId: channel.id }, 'a channel cannot be read')
      return {
        isDelivered: false,
        reason: 'What this channel needs cannot be read: set it up anew.',
        isFinal: true,
      }
    }
  }
}
