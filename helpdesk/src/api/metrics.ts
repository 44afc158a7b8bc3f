import { Counter, Histogram, Registry } from 'prom-client'

/** What `/metrics` tells; label values come from fixed sets only. */
export function createMetrics() {
  const registry = new Registry()
  const registers = [registry]
  return {
    registry,
    requestSeconds: new Histogram({
      name: 'proactive_helpdesk_request_seconds',
      help: 'Time to answer, by route and status class',
      labelNames: ['route', 'status'] as const,
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
      registers,
    }),
    refusedTokens: new Counter({
      name: 'proactive_helpdesk_refused_tokens_total',
      help: 'Requests whose actor token was refused, by reason',
      labelNames: ['reason'] as const,
      registers,
    }),
    breaches: new Counter({
      name: 'proactive_helpdesk_breaches_total',
      help: 'Issues whose first human answer came too late, by limit',
      labelNames: ['limit'] as const,
      registers,
    }),
    deliveries: new Counter({
      name: 'proactive_helpdesk_webhook_deliveries_total',
      help: 'Webhook deliveries tried, by outcome',
      labelNames: ['outcome'] as const,
      registers,
    }),
    issuesOpened: new Counter({
      name: 'proactive_helpdesk_issues_opened_total',
      help: 'Issues opened by key',
      registers,
    }),
  }
}
export type Metrics = ReturnType<typeof createMetrics>
