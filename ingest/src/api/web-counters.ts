import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** What the web counts. */
export type WebCounters = ReturnType<typeof createWebCounters>

export function createWebCounters(registry: Registry) {
  const registers = [registry]
  return {
    requestSeconds: new Histogram({
      name: 'proactive_http_request_seconds',
      help: 'How long a web request took',
      labelNames: ['route', 'status'] as const,
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
      registers,
    }),
    logIns: new Counter({
      name: 'proactive_log_ins_total',
      help: 'Log-ins by how they ended',
      labelNames: ['outcome'] as const,
      registers,
    }),
    refusedCsrf: new Counter({
      name: 'proactive_csrf_refused_total',
      help: 'Requests without the right CSRF token',
      registers,
    }),
    streams: new Gauge({
      name: 'proactive_event_streams',
      help: 'Live event streams that are open',
      registers,
    }),
    droppedStreams: new Counter({
      name: 'proactive_event_streams_dropped_total',
      help: 'Live event streams that were cut',
      labelNames: ['reason'] as const,
      registers,
    }),
  }
}
