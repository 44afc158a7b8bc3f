import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRequestTracker } from '../../ingest/src/issues/trackers/request-tracker.ts'
import type { IssueContext } from '../../ingest/src/issues/trackers/tracker.ts'
import { fixedContext, helpdeskContract } from './helpdesk.ts'
import { type ExperimentTimes, runCrashExperiment, runFaultExperiment } from './helpdesk-faults.ts'
import { createRequestTrackerDesk } from './request-tracker-desk.ts'
import {
  queueByTeam,
  type RequestTracker,
  startDeadlineMs,
  startRequestTracker,
  whyNoRequestTracker,
} from './request-tracker-server.ts'

const reason = whyNoRequestTracker()
if (reason !== undefined) process.stderr.write(`not tested: Issues at a real Request Tracker: ${reason}\n`)

describe.skipIf(reason !== undefined)('Request Tracker', () => {
  let server: RequestTracker
  beforeAll(async () => {
    server = await startRequestTracker()
  }, startDeadlineMs)
  afterAll(() => server?.stop(), 30_000)

  helpdeskContract('Request Tracker 5', async () => createRequestTrackerDesk(server, fixedContext))

  it('holds exactly one ticket for each of 24 opens whose request was spoiled', async () => {
    const rt = createRequestTrackerDesk(server, fixedContext)
    const result = await runFaultExperiment(24, {
      upstreamUrl: server.url,
      helpdeskAt: (url: string, context: IssueContext, times: ExperimentTimes) =>
        createRequestTracker({
          url,
          token: server.token,
          queueByTeam,
          context,
          ...times,
          pollMs: 20_000,
        }),
      isCreate: (method, path) => method === 'POST' && path === '/REST/2.0/ticket',
      toldTicket: (method, path) => {
        const number = /^\/REST\/2\.0\/ticket\/(\d+)\/comment$/.exec(path)?.[1]
        return method === 'POST' && number !== undefined ? Number(number) : undefined
      },
      ticketsOf: rt.ticketsOf,
    })
    await rt.stop()
    process.stderr.write(`Request Tracker, faults: ${JSON.stringify(result)}\n`)
    expect(result).toMatchObject({ injected: 32, dead: [], tickets: 24, missing: [], doubled: [] })
  }, 900_000)

  it('holds one ticket for each key when a process of ours dies between any two steps of opening', async () => {
    const rt = createRequestTrackerDesk(server, fixedContext)
    const helpdesk = createRequestTracker({
      url: server.url,
      token: server.token,
      queueByTeam,
      context: fixedContext,
      callTimeoutMs: 15_000,
      // No request is late here: it was answered, or never sent.
      settleMs: 2_000,
    })
    expect(await runCrashExperiment(1, helpdesk, rt.ticketsOf)).toEqual([1, 1, 1, 1])
    await helpdesk.stop()
    await rt.stop()
  }, 200_000)
})
