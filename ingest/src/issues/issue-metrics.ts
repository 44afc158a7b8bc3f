import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** What `/metrics` tells about the way to the helpdesk. */
export function createIssueMetrics(registry: Registry) {
  const registers = [registry]
  return {
    attempts: new Counter({
      name: 'proactive_outbox_attempts_total',
      help: 'Calls to the helpdesk by kind of operation and outcome',
      labelNames: ['kind', 'outcome'] as const,
      registers,
    }),
    seconds: new Histogram({
      name: 'proactive_outbox_seconds',
      help: 'From the incident committed to the helpdesk told, by kind of operation',
      labelNames: ['kind'] as const,
      buckets: [0.02, 0.05, 0.1, 0.3, 1, 3, 10, 30, 60, 300, 3_600],
      registers,
    }),
    dead: new Counter({
      name: 'proactive_outbox_dead_total',
      help: 'Operations that the helpdesk refused for good',
      labelNames: ['kind'] as const,
      registers,
    }),
    forgotten: new Counter({
      name: 'proactive_outbox_forgotten_total',
      help: 'Refused operations that nobody sent again for half a year',
      registers,
    }),
    duplicates: new Counter({
      name: 'proactive_outbox_duplicates_total',
      help: 'Issues found beyond the first with the same key',
      registers,
    }),
    held: new Counter({
      name: 'proactive_outbox_held_total',
      help: 'Opens put off by a storm guard',
      labelNames: ['guard'] as const,
      registers,
    }),
    merged: new Counter({
      name: 'proactive_outbox_merged_total',
      help: 'Duplicates that the sweep merged into the first Issue of their key',
      registers,
    }),
    lost: new Counter({
      name: 'proactive_issues_lost_total',
      help: 'Issues that were opened and that the helpdesk does not have any more',
      registers,
    }),
    preflightProblems: new Gauge({
      name: 'proactive_helpdesk_preflight_problems',
      help: 'What is set up wrongly at the helpdesk',
      registers,
    }),
    unrouted: new Counter({
      name: 'proactive_incidents_unrouted_total',
      help: 'Incidents that no Team is responsible for',
      registers,
    }),
    shadowRules: new Gauge({
      name: 'proactive_rule_shadow',
      help: '1 = the rule records and opens no Issue: too many of them were none',
      labelNames: ['fault_class'],
      registers,
    }),
    reachable: new Gauge({
      name: 'proactive_helpdesk_reachable',
      help: '1 = the helpdesk answers',
      registers,
    }),
  }
}
export type IssueMetrics = ReturnType<typeof createIssueMetrics>
