import { openIssueSchema } from '@proactive/shared/http'
import { describe, expect, it } from 'vitest'
import { type DeviceFacts, describeIssue, type IssueFacts } from './describe-issue.ts'
import { keyOf, locationId, report } from './issue-stack-fixture.ts'

const devices = new Map<string, DeviceFacts>([
  ['dev-router', { deviceId: 'dev-router', role: 'router', vendor: 'Acme', model: 'R1' }],
  ['dev-pos-1', { deviceId: 'dev-pos-1', role: 'pos-terminal' }],
  ['dev-pos-2', { deviceId: 'dev-pos-2', role: 'pos-terminal' }],
  ['dev-printer', { deviceId: 'dev-printer', role: 'printer' }],
])
const teamByRole = new Map([
  ['router', 'team-network'],
  ['internet', 'team-network'],
  ['pos-terminal', 'team-pos'],
  ['printer', 'team-pos'],
])

function facts(changed: Partial<IssueFacts> = {}): IssueFacts {
  return {
    devices: async () => devices,
    productOf: async (_locationId, { role }) =>
      role === 'pos-terminal' ? { id: 'prod-terminal', name: 'Verifone Vx520' } : undefined,
    productName: async (_locationId, id) => (id === 'prod-internet' ? 'Internet access' : undefined),
    route: async (_locationId, { role }) => {
      const teamId = teamByRole.get(role ?? '')
      if (teamId === undefined) return undefined
      return { teamId, ...(role === 'internet' ? { productId: 'prod-internet' } : {}) }
    },
    ...changed,
  }
}

const describeReport = (changed: Parameters<typeof report>[1] = {}, known = facts()) =>
  describeIssue(report(keyOf(1), changed), known)

describe('the Issue of an incident', () => {
  it('belongs to the Team of the root cause; the Teams of what suffers collaborate, each once', async () => {
    const issue = await describeReport({ affectedDeviceIds: ['dev-pos-1', 'dev-pos-2', 'dev-printer'] })
    expect(issue).toMatchObject({ ownerTeamId: 'team-network', collaboratorTeamIds: ['team-pos'] })
    expect(openIssueSchema.parse(issue)).toEqual(issue)
  })

  it("names the Location's product at fault, else what it seems to be", async () => {
    const terminal = await describeReport({ rootDeviceId: 'dev-pos-1', rootRole: 'pos-terminal' })
    expect(terminal?.product).toEqual({
      kind: 'listed',
      productId: 'prod-terminal',
      name: 'Verifone Vx520',
    })
    expect((await describeReport())?.product).toEqual({ kind: 'not-listed', name: 'Acme R1' })
  })

  it('names the internet line by its rule: it is no device', async () => {
    const { rootDeviceId: _none, ...line } = report(keyOf(1), { rootRole: 'internet' })
    const issue = await describeIssue(line, facts())
    expect(issue?.product).toEqual({ kind: 'listed', productId: 'prod-internet', name: 'Internet access' })
  })

  it('is filed with its article and the evidence', async () => {
    const issue = await describeReport()
    expect(issue?.articleUrls).toEqual(['/docs/runbooks/router-down.md'])
    expect(issue?.proactive.evidenceUrl).toBe(`/locations/${locationId}?incident=${keyOf(1)}`)
  })

  it('cannot be described where nobody is responsible', async () => {
    expect(await describeReport({}, facts({ route: async () => undefined }))).toBeUndefined()
  })

  it('fits the contract whatever a device calls itself', async () => {
    const hostile = '\u001b[31m\u0000'.repeat(2_000)
    const strange = new Map([
      ['dev-router', { deviceId: 'dev-router', role: 'router', vendor: hostile, model: hostile }],
    ])
    const issue = await describeReport(
      { headline: hostile, symptoms: hostile, diagnosis: hostile },
      facts({ devices: async () => strange }),
    )
    expect(openIssueSchema.safeParse(issue).success).toBe(true)
  })
})

describe('how responsibility is shared', () => {
  const affectedDeviceIds = ['dev-pos-1']
  const withMode = (mode: 'collaborative' | 'solution' | 'oem', frontTeamId = 'team-support') =>
    facts({
      route: async (_locationId, { role }) => {
        const teamId = role === undefined ? frontTeamId : teamByRole.get(role)
        return teamId === undefined ? undefined : { teamId, mode }
      },
    })

  it.each([
    ['collaborative', 'team-network', ['team-pos']],
    ['solution', 'team-network', []],
    ['oem', 'team-support', ['team-network']],
  ] as const)('%s: owned by %s, beside it %j', async (mode, ownerTeamId, collaboratorTeamIds) => {
    const issue = await describeReport({ affectedDeviceIds }, withMode(mode))
    expect(issue).toMatchObject({ mode, ownerTeamId, collaboratorTeamIds })
  })

  it('needs nobody in front where the front Team is the cause’s own', async () => {
    const issue = await describeReport({ affectedDeviceIds }, withMode('oem', 'team-network'))
    expect(issue).toMatchObject({ ownerTeamId: 'team-network', collaboratorTeamIds: [] })
  })
})
