import { generateKeyPairSync, sign } from 'node:crypto'
import type { DirectoryEntity, OpenIssue, UserRole } from '@proactive/shared/http'
import { createOutgoingGuard } from '@proactive/shared/outgoing'
import { pino } from 'pino'
import { openDatabase } from '../db/open.ts'
import { createChangeSignal } from '../issues/change-feed.ts'
import { createMetrics } from './metrics.ts'
import { buildServer } from './server.ts'

/** A dedup key for tests: `key('a')`, `key('b')`. */
export function key(letter: string): string {
  return `px-test-${letter.repeat(26)}`
}

export interface Person {
  readonly id: string
  readonly organizationId: string
  readonly teamIds: readonly string[]
  readonly role: UserRole
}

/** A Customer User in a channel. */
export interface Customer {
  readonly id: string
  readonly customerId: string
}

/** Three Organizations: the router's, the terminals', and one that has nothing to do with either. */
export const nils: Person = {
  id: 'nils',
  organizationId: 'org-network',
  teamIds: ['team-network'],
  role: 'agent',
}
export const nora: Person = { ...nils, id: 'nora' }
export const paula: Person = {
  id: 'paula',
  organizationId: 'org-pos',
  teamIds: ['team-pos'],
  role: 'agent',
}
export const stranger: Person = {
  id: 'stranger',
  organizationId: 'org-other',
  teamIds: ['team-other'],
  role: 'admin',
}

const entities: DirectoryEntity[] = [
  ...['network', 'pos', 'other'].flatMap((name): DirectoryEntity[] => [
    { type: 'organization', value: { id: `org-${name}`, name: `${name} Organization` } },
    {
      type: 'team',
      value: { id: `team-${name}`, organizationId: `org-${name}`, name: `${name} Team`, line: 1 },
    },
  ]),
  { type: 'customer', value: { id: 'cust-1', name: 'Cornerstone Café', number: 'C-1001' } },
  {
    type: 'location',
    value: {
      id: 'loc-1',
      customerId: 'cust-1',
      name: 'Market Square',
      timeZone: 'Europe/Berlin',
      calendar: { openings: [], holidays: [] },
    },
  },
]

for (const [kind, name] of [
  ['network', 'network'],
  ['pos', 'pos'],
] as const) {
  entities.push(
    { type: 'stake', value: { locationId: 'loc-1', organizationId: `org-${name}`, kind } },
    {
      type: 'team',
      value: { id: `team-${name}-2`, organizationId: `org-${name}`, name: `${name} second line`, line: 2 },
    },
  )
}
for (const [id, organizationId] of [
  ['nils', 'org-network'],
  ['nora', 'org-network'],
  ['paula', 'org-pos'],
  ['stranger', 'org-other'],
] as const) {
  entities.push({
    type: 'user',
    value: {
      id,
      organizationId,
      teamIds: [],
      name: `Name of ${id}`,
      email: `${id}@example.com`,
      role: 'agent',
    },
  })
}
entities.push(
  {
    type: 'product',
    value: {
      id: 'prod-vx520',
      locationId: 'loc-1',
      name: 'Verifone Vx520',
      role: 'pos-terminal',
      deviceIds: [],
    },
  },
  {
    type: 'product',
    value: { id: 'prod-router', locationId: 'loc-1', name: 'Edge router', role: 'router', deviceIds: [] },
  },
)

/** A router fault: owned by the Network Team, the POS Team beside it. */
export const routerIssue: OpenIssue = {
  locationId: 'loc-1',
  name: 'Router unreachable since 14:02; 4 terminals affected, not at fault',
  ownerTeamId: 'team-network',
  collaboratorTeamIds: ['team-pos'],
  product: { kind: 'listed', productId: 'prod-router', name: 'Edge router' },
  severity: 'critical',
  categories: ['Network', 'Router'],
  symptoms: 'Card payments fail at all four terminals.',
  diagnosis: 'The router answers neither ARP nor ICMP.',
  articleUrls: ['/docs/runbooks/router-down.md'],
  proactive: {
    faultClass: 'router-down',
    rootDeviceId: 'dev-router',
    affectedDeviceIds: ['dev-pos-1', 'dev-pos-2'],
    startedAtMs: 1_700_000_000_000,
    evidenceUrl: '/locations/loc-1?incident=x',
  },
}

export interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, unknown>>
}

/** A helpdesk on an in-memory database with a clock of its own; requests go in without a socket. */
export async function createDesk({ allowedHosts = [] }: { allowedHosts?: readonly string[] } = {}) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  let nowMs = 1_700_000_000_000
  const changes = createChangeSignal()
  const db = await openDatabase(':memory:')
  const guard = createOutgoingGuard(allowedHosts)
  const metrics = createMetrics()
  const actorKey = { current: () => publicKey, refresh: () => false }
  const app = await buildServer({
    db,
    actorKey,
    changes,
    metrics,
    log: pino({ level: 'silent' }),
    nowMs: () => nowMs,
    guard,
  })
  await app.ready()

  const signToken = (claims: object, header: object = { alg: 'EdDSA', typ: 'JWT' }) => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const signed = `${part(header)}.${part(claims)}`
    return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`
  }
  const times = () => ({ iat: Math.floor(nowMs / 1_000), exp: Math.floor(nowMs / 1_000) + 60 })
  const common = { iss: 'proactive-ingest', aud: 'proactive-helpdesk' }
  const tokenOf = (actor: Person | Customer | 'service', changed: object = {}) =>
    typeof actor === 'object' && 'customerId' in actor
      ? signToken({
          kind: 'customer',
          sub: actor.id,
          name: actor.id,
          customerId: actor.customerId,
          ...common,
          ...times(),
          ...changed,
        })
      : actor === 'service'
        ? signToken({ kind: 'service', sub: 'ingest', ...common, ...times(), ...changed })
        : signToken({
            kind: 'user',
            sub: actor.id,
            name: `Name of ${actor.id}`,
            role: actor.role,
            organizationId: actor.organizationId,
            teamIds: actor.teamIds,
            ...common,
            ...times(),
            ...changed,
          })

  type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  const send = async (
    method: Method,
    url: string,
    body: unknown,
    headers: Record<string, string>,
  ): Promise<Answer> => {
    const answer = await app.inject({
      method,
      url,
      headers,
      ...(body === undefined ? {} : { payload: body as object | string }),
    })
    let json: unknown = {}
    try {
      json = JSON.parse(answer.payload)
    } catch {
      json = { text: answer.payload }
    }
    return { status: answer.statusCode, body: json as Answer['body'], headers: answer.headers }
  }
  const call = (
    actor: Person | Customer | 'service',
    method: Method,
    url: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) => send(method, url, body, { authorization: `Bearer ${tokenOf(actor)}`, ...headers })

  const fed = await call('service', 'POST', '/api/directory/changes', {
    changes: entities.map((entity, index) => ({ cursor: index + 1, entity })),
  })
  if (fed.status !== 200) throw new Error(`the directory was refused: ${JSON.stringify(fed.body)}`)

  return {
    app,
    db,
    guard,
    metrics,
    changes,
    send,
    call,
    tokenOf,
    sign: signToken,
    nowMs: () => nowMs,
    advance: (ms: number) => {
      nowMs += ms
    },
    open: (letter: string, body: OpenIssue = routerIssue) =>
      call('service', 'PUT', `/api/issues/by-key/${key(letter)}`, body),
    async stop() {
      await app.close()
      await db.destroy()
    },
  }
}
export type Desk = Awaited<ReturnType<typeof createDesk>>
