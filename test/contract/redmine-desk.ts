import { createRedmine } from '../../ingest/src/issues/trackers/redmine.ts'
import type { IssueContext } from '../../ingest/src/issues/trackers/tracker.ts'
import type { HelpdeskUnderTest } from './helpdesk.ts'
import { projectByTeam, type Redmine } from './redmine-server.ts'

interface Journal {
  readonly notes?: string | null
}

/** The contract's view of a real Redmine, with Nora at the desk. */
export function createRedmineDesk(
  server: Redmine,
  context: IssueContext,
): HelpdeskUnderTest & { ticketsOf(key: string): Promise<number[]> } {
  const made: { stop(): Promise<void> }[] = []
  const adapter = (changed: Partial<Parameters<typeof createRedmine>[0]> = {}) => {
    const helpdesk = createRedmine({
      url: server.url,
      token: server.token,
      projectByTeam,
      context,
      callTimeoutMs: 20_000,
      pollMs: 500,
      ...changed,
    })
    made.push(helpdesk)
    return helpdesk
  }
  const call = async (token: string, method: string, path: string, body?: unknown) => {
    const answer = await fetch(new URL(path, server.url), {
      method,
      headers: { 'x-redmine-api-key': token, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>)
  }
  const asNora = async (number: number, issue: object) => {
    await call(server.agentToken, 'PUT', `/issues/${number}.json`, { issue })
  }
  const noraId = async () => {
    const me = await call(server.agentToken, 'GET', '/users/current.json')
    const { id } = (me?.user ?? {}) as { id?: number }
    return id
  }
  return {
    helpdesk: adapter(),
    again: () => adapter(),
    person: {
      claim: async (number) => asNora(number, { assigned_to_id: await noraId(), status_id: 2 }),
      say: (number, text) => asNora(number, { notes: text }),
      resolve: (number) => asNora(number, { status_id: 3 }),
    },
    async said(number) {
      const answer = await call(server.token, 'GET', `/issues/${number}.json?include=journals`)
      const issue = (answer?.issue ?? { description: '', journals: [] }) as {
        description: string
        journals: Journal[]
      }
      return [
        issue.description,
        ...issue.journals.map(({ notes }) => notes ?? '').filter((text) => text !== ''),
      ]
    },
    wrong: [
      {
        what: 'project',
        helpdesk: adapter({ projectByTeam: new Map([...projectByTeam, ['team-pos', 'nowhere']]) }),
        says: /no project "nowhere"/,
      },
      {
        what: 'field',
        helpdesk: adapter({ projectByTeam: new Map([...projectByTeam, ['team-pos', 'bare']]) }),
        says: /lacks the .*ProactiveKey/,
      },
      { what: 'status', helpdesk: adapter({ resolvedStatus: 'Done' }), says: /no status "Done"/ },
      { what: 'key', helpdesk: adapter({ token: 'wrong' }), says: /does not work: answer 401/ },
      { what: 'address', helpdesk: adapter({ url: 'http://127.0.0.1:1' }), says: /ECONNREFUSED/ },
    ],
    async ticketsOf(key) {
      const found = await call(server.token, 'GET', `/issues.json?cf_1=${key}&status_id=*&limit=100`)
      return ((found?.issues ?? []) as { id: number }[]).map((issue) => issue.id).sort((a, b) => a - b)
    },
    async stop() {
      for (const helpdesk of made) await helpdesk.stop()
    },
  }
}
