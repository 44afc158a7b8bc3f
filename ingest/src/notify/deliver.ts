import { createHmac } from 'node:crypto'
import { type OutgoingGuard, postGuarded, RefusedUrlError } from '@proactive/shared/outgoing'
import type { Destination } from './channels.ts'
import type { Mailer } from './mailer.ts'
import { type NotificationMessage, slackBody, subjectOf, teamsBody, textOf } from './message.ts'

/** How one try ended. `isFinal` = it would end the same way again. */
export type Attempt =
  | { readonly isDelivered: true }
  | { readonly isDelivered: false; readonly reason: string; readonly isFinal: boolean }

export interface DeliverDependencies {
  readonly guard: OutgoingGuard
  /** Undefined = this installation sends no mail. */
  readonly mailer: Mailer | undefined
  readonly nowMs: () => number
}

/**
 * Takes one message to its destination, once; failures are an outcome. `id` stays the same over tries, so that receivers can drop repeats.
 * An ended signal cuts it off; what was read to its end by then may have been taken.
 */
export async function deliver(
  { guard, mailer, nowMs }: DeliverDependencies,
  { kind, target, secret }: Destination,
  id: string,
  message: NotificationMessage,
  signal: AbortSignal,
): Promise<Attempt> {
  try {
    if ('recipients' in target) {
      if (mailer === undefined)
        return failed('This installation sends no mail: its operator sets PROACTIVE_SMTP_URL.', true)
      const mail = {
        to: target.recipients,
        subject: subjectOf(message),
        text: textOf(message),
        messageId: `<${id}@proactive>`,
      }
      await mailer.send(mail, signal)
      return { isDelivered: true }
    }
    const body =
      kind === 'slack'
        ? slackBody(message)
        : kind === 'teams'
          ? teamsBody(message)
          : JSON.stringify({ delivery: id, ...message })
    const headers = signatureOf(id, body, secret, nowMs())
    const status = await postGuarded(guard, new URL(target.url), body, headers, signal)
    if (status >= 200 && status < 300) return { isDelivered: true }
    // Gone, forbidden, not there: asking again changes nothing; a time-out or too many requests may pass.
    const isFinal = status >= 400 && status < 500 && status !== 408 && status !== 425 && status !== 429
    return failed(`It answered ${status}.`, isFinal)
  } catch (error) {
    return failed(reasonOf(error), error instanceof RefusedUrlError)
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown failure'
  const isLate = error.name === 'TimeoutError' || error.name === 'AbortError'
  return isLate ? 'It did not answer in time.' : error.message
}

function failed(reason: string, isFinal: boolean): Attempt {
  return { isDelivered: false, reason: reason.replaceAll(/[\p{Cc}\s]+/gu, ' ').slice(0, 300), isFinal }
}

/** As the helpdesk signs its webhooks: HMAC-SHA256 over `seconds.body`. */
function signatureOf(
  id: string,
  body: string,
  secret: string | undefined,
  nowMs: number,
): Record<string, string> {
  if (secret === undefined) return {}
  const seconds = Math.floor(nowMs / 1_000)
  const signature = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')
  return { 'x-proactive-delivery': id, 'x-proactive-signature': `t=${seconds},v1=${signature}` }
}
