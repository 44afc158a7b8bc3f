import type { FaultClass, Severity } from '@proactive/shared'
import type { ChannelEvent } from '@proactive/shared/http'

/** What is told of an incident; also the body of a webhook. */
export interface NotificationMessage {
  readonly v: 1
  readonly event: ChannelEvent
  readonly incidentKey: string
  readonly locationId: string
  readonly locationName: string
  readonly customerName: string
  readonly timeZone: string
  readonly faultClass: FaultClass
  readonly severity: Severity
  readonly headline: string
  readonly diagnosis: string
  readonly startedAtMs: number
  readonly clearedAtMs?: number
  /** The Location in the console. */
  readonly url: string
}

const eventWords = {
  opened: 'New',
  moved: 'Cause found',
  recovered: 'Recovered',
  test: 'Test',
} as const satisfies Record<ChannelEvent, string>
const signs = { low: '🔵', medium: '🟡', high: '🟠', critical: '🔴' } as const satisfies Record<
  Severity,
  string
>

/** The message in one line. Names and headlines are text of others: line breaks and the rest were refused before. */
export function subjectOf({ event, locationName, headline }: NotificationMessage): string {
  return `${eventWords[event]}: ${locationName}: ${headline}`.slice(0, 300)
}

/** The message as plain text, as mail carries it. */
export function textOf(message: NotificationMessage): string {
  const at = (ms: number) =>
    new Intl.DateTimeFormat('en-GB', {
      timeZone: message.timeZone,
      dateStyle: 'medium',
      timeStyle: 'short',
    }).format(ms)
  return [
    message.headline,
    '',
    `Location: ${message.locationName} (${message.customerName})`,
    `Severity: ${message.severity}`,
    `Since: ${at(message.startedAtMs)} (${message.timeZone})`,
    ...(message.clearedAtMs === undefined ? [] : [`Until: ${at(message.clearedAtMs)}`]),
    ...(message.diagnosis === '' ? [] : ['', message.diagnosis]),
    '',
    message.url,
    '',
  ].join('\n')
}

/** As Slack's incoming webhooks take it: `&`, `<` and `>` are its markup and are escaped. */
export function slackBody(message: NotificationMessage): string {
  const safe = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const title = safe(subjectOf(message))
  return JSON.stringify({
    text: title,
    blocks: [
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: `${message.event === 'recovered' ? '✅' : signs[message.severity]} *${title.replaceAll('*', '∗')}*\n${safe(message.diagnosis).slice(0, 2_000)}`,
        },
      },
      {
        type: 'actions',
        elements: [
          { type: 'button', text: { type: 'plain_text', text: 'Open the Location' }, url: message.url },
        ],
      },
    ],
  })
}

/** As Teams' incoming webhooks take it: one Adaptive Card; its text blocks read Markdown, so what is not ours is escaped. */
export function teamsBody(message: NotificationMessage): string {
  const safe = (text: string) => text.replaceAll(/[\\`*_{}[\]()#+!|<>~-]/g, '\\$&')
  return JSON.stringify({
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            {
              type: 'TextBlock',
              size: 'Medium',
              weight: 'Bolder',
              wrap: true,
              color: message.event === 'recovered' ? 'Good' : 'Attention',
              text: safe(subjectOf(message)),
            },
            { type: 'TextBlock', wrap: true, text: safe(message.diagnosis).slice(0, 4_000) },
          ],
          actions: [{ type: 'Action.OpenUrl', title: 'Open the Location', url: message.url }],
        },
      },
    ],
  })
}
