import type { ChannelKind } from '@proactive/shared/http'
import { Counter, type Registry } from 'prom-client'

/**
 * How a try ended, or why there was none: `dead` = given up after tries or for good, `full` = too much waited for the channel, `stale` = it
 * waited through an hour in which its channel took nothing.
 */
export type NotificationOutcome = 'delivered' | 'retry' | 'dead' | 'full' | 'stale'

/** Counts messages to channels. */
export interface NotificationCounter {
  count(kind: string, outcome: NotificationOutcome, messages?: number): void
}

export function createNotificationCounter(registry: Registry): NotificationCounter {
  const outcomes = new Counter({
    name: 'proactive_notifications_total',
    help: 'Messages to channels, by kind and how a try ended or why there was none',
    labelNames: ['kind', 'outcome'] as const,
    registers: [registry],
  })
  return {
    count: (kind, outcome, messages = 1) => outcomes.inc({ kind: kind as ChannelKind, outcome }, messages),
  }
}
