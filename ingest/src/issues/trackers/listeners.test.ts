import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { OpenIssue } from '@proactive/shared/http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { keyOf } from '../issue-stack-fixture.ts'
import { createPagerDuty } from './pagerduty.ts'
import type { IssueContext } from './tracker.ts'
import { createWebhookHelpdesk, isWebhookSigned } from './webhook.ts'

interface Received {
  readonly path: string
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  readonly body: Record<string, unknown>
}

/** A receiver that keeps what it was sent and answers as told. */
async function startReceiver() {
  const received: Received[] = []
  const answers: number[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk) => {
      text += chunk
    })
    request.on('end', () => {
      received.push({ path: request.url ?? '', headers: request.headers, text, body: JSON.parse(text) })
      response.writeHead(answers.shift() ?? 202, { 'retry-after': '3' }).end('{}')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answers,
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

let receiver: Awaited<ReturnType<typeof startReceiver>>
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.stop())

const nowMs = () => 1_700_000_000_000
const signal = new AbortController().signal
const key = keyOf(1)
const issue: OpenIssue = {
  locationId: 'loc-1',
  name: 'Router unreachable',
  ownerTeamId: 'team-network',
  collaboratorTeamIds: [],
  product: { kind: 'not-listed', name: 'router' },
  severity: 'critical',
  categories: [],
  symptoms: 'Payments fail.',
  diagnosis: 'Silent.',
  articleUrls: [],
  proactive: {
    faultClass: 'router-down',
    affectedDeviceIds: [],
    startedAtMs: 1_700_000_000_000,
    evidenceUrl: '/x',
  },
}
const context: IssueContext = {
  issueOf: async (itsKey, ticket) => ({
    ...issue,
    key: itsKey,
    source: 'proactive',
    customerId: 'c',
    customerName: '',
    customerNumber: '',
    locationName: '',
    ownerTeamId: ticket.teamId ?? '',
    ownerTeamName: '',
    ownerOrganizationId: 'o',
    resolutionText: '',
  }),
}
const move = { opId: 'op-2', note: 'Terminal.', change: { ownerTeamId: 'team-pos' } }
const recovery = { opId: 'op-3', clearedAtMs: 1, note: 'Over.' }

describe('the signed webhook', () => {
  const secret = 'a secret of some length'

  it('signs what it sends, and a repeat of one operation carries the same delivery id', async () => {
    const hook = createWebhookHelpdesk({ url: `${receiver.url}/hook?x=1`, secret, nowMs })
    expect(await hook.preflight(signal)).toEqual({ ok: true })
    const opened = await hook.open(key, issue, signal)
    await hook.open(key, issue, signal)
    await hook.update(key, move, signal)
    await hook.recover(key, recovery, signal)
    await hook.stop()
    expect(opened).toMatchObject({ kind: 'ok', value: { key, ownerTeamId: 'team-network' } })
    expect(receiver.received.map(({ path, body }) => [path, body.type])).toEqual(
      ['ping', 'issue.opened', 'issue.opened', 'issue.updated', 'issue.recovered'].map((type) => [
        '/hook?x=1',
        type,
      ]),
    )
    const deliveries = receiver.received.map(({ headers }) => headers['x-proactive-delivery'])
    expect(new Set(deliveries).size).toBe(4)
    expect(deliveries[1]).toBe(deliveries[2])
    for (const { headers, text } of receiver.received) {
      const signature = String(headers['x-proactive-signature'])
      expect(isWebhookSigned(secret, signature, text, nowMs())).toBe(true)
      expect(isWebhookSigned(secret, signature, `${text} `, nowMs())).toBe(false)
      expect(isWebhookSigned('another secret', signature, text, nowMs())).toBe(false)
      expect(isWebhookSigned(secret, signature, text, nowMs() + 301_000)).toBe(false)
    }
  })

  it('waits as long as a busy receiver asks, doubts a broken one, gives up at a refusal', async () => {
    const hook = createWebhookHelpdesk({ url: receiver.url, secret, nowMs })
    receiver.answers.push(429, 500, 404)
    expect(await hook.open(key, issue, signal)).toMatchObject({ kind: 'retry', afterMs: 3_000 })
    expect(await hook.open(key, issue, signal)).toMatchObject({ kind: 'ambiguous' })
    expect(await hook.open(key, issue, signal)).toMatchObject({ kind: 'permanent', code: 'http-404' })
    await hook.stop()
  })
})

describe('PagerDuty by its documented contract (not proven on the real service)', () => {
  const [networkKey, posKey] = ['n'.repeat(32), 'p'.repeat(32)]
  const routingKeyByTeam = new Map([
    ['team-network', networkKey],
    ['team-pos', posKey],
  ])

  it('triggers under our key, moves to the new Team, and resolves; a plain update says nothing', async () => {
    const pagerDuty = createPagerDuty({ url: receiver.url, routingKeyByTeam, context, nowMs })
    expect(await pagerDuty.preflight(signal)).toEqual({ ok: true })
    await pagerDuty.open(key, issue, signal)
    await pagerDuty.update(key, { opId: 'op-1', note: 'More.', change: { symptoms: 'x' } }, signal)
    await pagerDuty.update(key, move, signal)
    await pagerDuty.recover(key, recovery, signal)
    await pagerDuty.stop()
    expect(
      receiver.received.map(({ path, body }) => [
        path,
        body.event_action,
        body.routing_key,
        body.dedup_key === key,
      ]),
    ).toEqual([
      ['/v2/enqueue', 'trigger', networkKey, true],
      ['/v2/enqueue', 'trigger', posKey, true],
      ['/v2/enqueue', 'resolve', networkKey, true],
      ['/v2/enqueue', 'resolve', networkKey, true],
      ['/v2/enqueue', 'resolve', posKey, true],
    ])
    expect(receiver.received[0]?.body.payload).toMatchObject({
      summary: 'Router unreachable',
      severity: 'critical',
      source: 'loc-1',
    })
  })

  it('names a Team without a key, and a key that cannot be one', async () => {
    const pagerDuty = createPagerDuty({
      url: receiver.url,
      routingKeyByTeam: new Map([['team-pos', 'short']]),
      context,
      nowMs,
    })
    expect(await pagerDuty.open(key, issue, signal)).toMatchObject({ code: 'team-unmapped' })
    expect(await pagerDuty.preflight(signal)).toMatchObject({
      ok: false,
      problems: [expect.stringContaining('team-pos')],
    })
    await pagerDuty.stop()
  })
})
