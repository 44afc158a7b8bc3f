import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRedmine } from '../../ingest/src/issues/trackers/redmine.ts'
import type { IssueContext } from '../../ingest/src/issues/trackers/tracker.ts'
import { fixedContext, helpdeskContract } from './helpdesk.ts'
import { type ExperimentTimes, runFaultExperiment } from './helpdesk-faults.ts'
import { createRedmineDesk } from './redmine-desk.ts'
import { projectByTeam, type Redmine, startDeadlineMs, startRedmine, whyNoRedmine } from './redmine-server.ts'

const reason = whyNoRedmine()
if (reason !== undefined) process.stderr.write(`not tested: Issues at a real Redmine: ${reason}\n`)

describe.skipIf(reason !== undefined)('Redmine', () => {
  let server: Redmine
  beforeAll(async () => {
    server = await startRedmine()
  }, startDeadlineMs)
  afterAll(() => server?.stop(), 30_000)

  helpdeskContract('Redmine 5', async () => createRedmineDesk(server, fixedContext))

  it('holds exactly one issue for each of 8 opens, one for each way to spoil a request', async () => {
    const redmine = createRedmineDesk(server, fixedContext)
    const result = await runFaultExperiment(8, {
      upstreamUrl: server.url,
      helpdeskAt: (url: string, context: IssueContext, times: ExperimentTimes) =>
        createRedmine({ url, token: server.token, projectByTeam, context, ...times, pollMs: 20_000 }),
      isCreate: (method, path) => method === 'POST' && path === '/issues.json',
      toldTicket: (method, path) => {
        const number = /^\/issues\/(\d+)\.json$/.exec(path)?.[1]
        return method === 'PUT' && number !== undefined ? Number(number) : undefined
      },
      ticketsOf: redmine.ticketsOf,
    })
    await redmine.stop()
    process.stderr.write(`Redmine, faults: ${JSON.stringify(result)}\n`)
    expect(result).toMatchObject({ injected: 10, dead: [], tickets: 8, missing: [], doubled: [] })
  }, 600_000)
})
