import { createRequestTracker } from '../../ingest/src/issues/trackers/request-tracker.ts'
import type { IssueContext } from '../../ingest/src/issues/trackers/tracker.ts'
import type { HelpdeskUnderTest } from './helpdesk.ts'
import { queueByTeam, type RequestTracker } from './request-tracker-server.ts'

/** The contract's view of a real Request Tracker, with Nora at the desk. */
export function createRequestTrackerDesk(
  server: RequestTracker,
  context: IssueContext,
): HelpdeskUnderTest & { ticketsOf(key: string): Promise<number[]> } {
  const made: { stop(): Promise<void> }[] = []
  const adapter = (changed: Partial<Parameters<typeof createRequestTracker>[0]> = {}) => {
    const helpdesk = createRequestTracker({
      url: server.url,
      token: server.token,
      queueByTeam,
      context,
      callTimeoutMs: 20_000,
      pollMs: 500,
      ...changed,
    })
    made.push(helpdesk)
    return helpdesk
  }
  const call = async (token: string, method: string, path: string, body?: unknown) => {
    const answer = await fetch(new URL(`/REST/2.0/${path}`, server.url), {
      method,
      headers: { authorization: `token ${token}`, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>)
  }
  const asNora = (method: string, path: string, body?: unknown) => call(server.agentToken, method, path, body)
  const withQueue = (queue: string) => new Map([...queueByTeam, ['team-pos', queue]])
  return {
    helpdesk: adapter(),
    again: () => adapter(),
    person: {
      claim: async (number) => void (await asNora('PUT', `ticket/${number}/take`, {})),
      say: async (number, text) =>
        void (await asNora('POST', `ticket/${number}/comment`, { Content: text, ContentType: 'text/plain' })),
      resolve: async (number) => void (await asNora('PUT', `ticket/${number}`, { Status: 'resolved' })),
    },
    async said(number) {
      const history = await call(
        server.token,
        'GET',
        `ticket/${number}/attachments?fields=Content,ContentType&per_page=100`,
      )
      const items = (history?.items ?? []) as { Content?: string; ContentType?: string }[]
      return items.filter((item) => item.ContentType === 'text/plain').map((item) => item.Content ?? '')
    },
    wrong: [
      { what: 'queue', helpdesk: adapter({ queueByTeam: withQueue('Nowhere') }), says: /no queue "Nowhere"/ },
      {
        what: 'field',
        helpdesk: adapter({ queueByTeam: withQueue('Bare') }),
        says: /lacks the .*ProactiveKey/,
      },
      { what: 'token', helpdesk: adapter({ token: '1-99-0' }), says: /does not work: answer 401/ },
      {
        what: 'address',
        helpdesk: adapter({ url: 'http://127.0.0.1:1' }),
        says: /does not work: .*ECONNREFUSED/,
      },
    ],
    async ticketsOf(key) {
      const query = encodeURIComponent(`'CF.{ProactiveKey}' = '${key}'`)
      const found = await call(server.token, 'GET', `tickets?query=${query}&per_page=100`)
      return ((found?.items ?? []) as { id: string }[]).map((item) => Number(item.id)).sort((a, b) => a - b)
    },
    async stop() {
      for (const helpdesk of made) await helpdesk.stop()
    },
  }
}
