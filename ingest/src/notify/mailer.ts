import { createTransport } from 'nodemailer'

const timeoutMs = 10_000
/** How long a server may take to close its side: a stop of ours does not wait for more. */
const closeTimeoutMs = 1_000

/** Port: sends one mail. */
export interface Mailer {
  /** @throws Error where the server did not take it for every recipient, or where the signal ended first: the connection is closed then. */
  send(
    mail: {
      readonly to: readonly string[]
      readonly subject: string
      readonly text: string
      readonly messageId: string
    },
    signal: AbortSignal,
  ): Promise<void>
  stop(): void
}

export interface MailerOptions {
  /** `smtp://` (STARTTLS where it is offered) or `smtps://`, with user and password where needed. */
  readonly url: string
  readonly from: string
}

/** Mail by SMTP (RFC 5321); one connection each, because mails are few. Never reads files or URLs. */
export function createSmtpMailer({ url, from }: MailerOptions): Mailer {
  const server = new URL(url)
  const isTls = server.protocol === 'smtps:'
  const transport = createTransport({
    host: server.hostname.replace(/^\[|\]$/g, ''),
    port: server.port === '' ? (isTls ? 465 : 587) : Number(server.port),
    secure: isTls,
    // A password never leaves in the clear.
    requireTLS: !isTls && server.username !== '',
    ...(server.username === ''
      ? {}
      : {
          auth: { user: decodeURIComponent(server.username), pass: decodeURIComponent(server.password) },
        }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    socketCloseTimeout: closeTimeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    send: async ({ to, subject, text, messageId }, signal) => {
      const sent = await transport.sendMail({
        from,
        // Addresses as data, not as a header to be parsed.
        to: to.map((address) => ({ name: '', address })),
        subject,
        text,
        messageId,
        headers: { 'auto-submitted': 'auto-generated' },
        signal,
      })
      if (sent.rejected.length > 0) throw new Error(`not taken for ${sent.rejected.length} recipients`)
    },
    stop: () => transport.close(),
  }
}
