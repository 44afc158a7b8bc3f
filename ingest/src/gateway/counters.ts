import { Counter, Gauge, type Registry } from 'prom-client'

/** What the gateway counts; every refusal, drop and violation has a reason. */
export function createGatewayCounters(registry: Registry) {
  const counter = (name: string, help: string, label: string) =>
    new Counter({ name: `proactive_gateway_${name}_total`, help, labelNames: [label], registers: [registry] })
  const messages = counter('messages', 'Messages stored in the log', 'kind')
  const refused = counter('refused', 'Connections refused before they became a session', 'reason')
  const dropped = counter(
    'dropped',
    'Messages acknowledged and dropped because they can never become valid',
    'reason',
  )
  const violations = counter('violations', 'Connections cut for what they sent or asked for', 'reason')
  const failures = counter(
    'append_failures',
    'Messages not acknowledged because the log did not take them',
    'reason',
  )
  const sessions = new Gauge({
    name: 'proactive_gateway_sessions',
    help: 'Appliances connected now',
    registers: [registry],
  })
  return {
    stored: (kind: string) => messages.inc({ kind }),
    refused: (reason: string) => refused.inc({ reason }),
    dropped: (reason: string) => dropped.inc({ reason }),
    violation: (reason: string) => violations.inc({ reason }),
    appendFailed: (reason: string) => failures.inc({ reason }),
    sessions: (count: number) => sessions.set(count),
  }
}
