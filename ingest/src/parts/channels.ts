import { createOutgoingGuard, type OutgoingGuard } from '@proactive/shared/outgoing'
import { createSecretBox, type SecretBox } from '../db/secret-box.ts'
import { createSmtpMailer } from '../notify/mailer.ts'
import { createNotifier, type Notifier } from '../notify/notifier.ts'
import type { Runtime } from './runtime.ts'
import type { Stores } from './stores.ts'

/** Who is told outside of the console, and what guards the addresses that users give. */
export interface Channels {
  readonly secrets: SecretBox
  readonly guard: OutgoingGuard
  readonly notifier: Notifier
  /** Begins to send. @param consoleUrl where links in messages lead */
  start(consoleUrl: string): void
}

/** Sets the channels up: messages are queued from now on, and sent once it is known where the console is. */
export function createChannels(
  { config, metrics, stops, nowMs, child }: Runtime,
  { database }: Stores,
): Channels {
  const secrets = createSecretBox(config.dataDir)
  const guard = createOutgoingGuard(config.outgoingAllow)
  let address = 'http://localhost'
  const notifier = createNotifier({
    database,
    secrets,
    guard,
    mailer: config.mail === undefined ? undefined : createSmtpMailer(config.mail),
    consoleUrl: () => address,
    registry: metrics,
    log: child('channels'),
    nowMs,
  })
  stops.add('channels', () => notifier.stop())
  return {
    secrets,
    guard,
    notifier,
    start: (consoleUrl) => {
      address = consoleUrl
      notifier.start()
    },
  }
}
