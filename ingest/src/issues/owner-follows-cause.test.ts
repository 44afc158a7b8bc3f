import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { IssueFacts } from './describe-issue.ts'
import { effect, type IssueStack, keyOf, startIssueStack, until } from './issue-stack-fixture.ts'

let stack: IssueStack
beforeAll(async () => {
  stack = await startIssueStack()
}, 30_000)
afterAll(() => stack?.stop())

const posDown = {
  faultClass: 'pos-down',
  rootDeviceId: 'dev-pos-1',
  rootRole: 'pos-terminal',
  headline: 'Terminal unreachable',
  affectedDeviceIds: [],
} as const
const routerDown = {
  faultClass: 'router-down',
  rootDeviceId: 'dev-router',
  rootRole: 'router',
  headline: 'Router unreachable; 1 terminal affected, not at fault',
} as const
const powerCut = { faultClass: 'power-cut', rootRole: 'unknown', headline: 'Power was cut' } as const

/** POS and network Team in a mode; the Location's own support is the field Team, power is its too. */
function factsWith(mode: 'collaborative' | 'solution' | 'oem'): IssueFacts {
  const teamByRole = new Map([
    ['router', 'team-network'],
    ['pos-terminal', 'team-pos'],
  ])
  return {
    ...stack.facts,
    devices: async () => new Map(),
    productOf: async () => undefined,
    route: async (_locationId, { role }) => {
      const teamId = teamByRole.get(role ?? '')
      return teamId === undefined ? { teamId: 'team-field', mode: 'collaborative' } : { teamId, mode }
    },
  }
}

/** Opens on the first diagnosis, moves to the second, and answers what the helpdesk holds then. */
async function moveBetween(
  n: number,
  mode: 'collaborative' | 'solution' | 'oem',
  diagnoses: readonly [object, object],
) {
  const key = keyOf(n)
  const helpdesk = stack.helpdeskAt(stack.helpdeskUrl(), 5_000)
  const desk = stack.desk({ helpdesk, facts: factsWith(mode) })
  await desk.start()
  const issues = async () => (await stack.issues()).filter((issue) => issue.key === key)
  await desk.projector.project(effect('opened', key, diagnoses[0]))
  await until(async () => (await issues()).length > 0)
  const [first] = await issues()
  await desk.projector.project(effect('moved', key, diagnoses[1]))
  await until(async () => ((await issues())[0]?.version ?? 0) > (first?.version ?? 0))
  const found = await issues()
  await desk.stop()
  await helpdesk.stop()
  return { first, now: found[0], count: found.length }
}

describe('the owner follows the root cause', () => {
  it('collaborative: the router’s Team takes the same Issue, the POS Team stays beside it', async () => {
    const { first, now, count } = await moveBetween(6_001, 'collaborative', [posDown, routerDown])
    expect(first).toMatchObject({ ownerTeamId: 'team-pos', status: 'Unclaimed' })
    expect(now).toMatchObject({ id: first?.id, ownerTeamId: 'team-network', status: 'Unclaimed' })
    expect(now?.collaboratorTeamIds).toContain('team-pos')
    expect(now?.name).toContain('Router unreachable')
    expect(count).toBe(1)
    const told = await stack.entries(String(now?.id), 'network')
    expect(told.join('\n')).toContain('owner Team is now')
  })

  it('solution: the cause’s Team works it alone; the first one may look on, nobody else is drawn in', async () => {
    const { first, now, count } = await moveBetween(6_002, 'solution', [posDown, routerDown])
    expect(first).toMatchObject({ ownerTeamId: 'team-pos', collaboratorTeamIds: [], mode: 'solution' })
    expect(now).toMatchObject({ ownerTeamId: 'team-network', collaboratorTeamIds: ['team-pos'] })
    expect([now?.id, count]).toEqual([first?.id, 1])
  })

  it('OEM: the Location’s support stays in front, the makers work behind it, whichever it is', async () => {
    const { first, now, count } = await moveBetween(6_003, 'oem', [posDown, routerDown])
    expect(first).toMatchObject({ ownerTeamId: 'team-field', collaboratorTeamIds: ['team-pos'], mode: 'oem' })
    expect(now).toMatchObject({ ownerTeamId: 'team-field', status: 'Unclaimed' })
    expect([...(now?.collaboratorTeamIds ?? [])].sort()).toEqual(['team-network', 'team-pos'])
    expect([now?.id, count]).toEqual([first?.id, 1])
  })

  it('from dark to power: the same Issue gets its cause and its right owner', async () => {
    const dark = { ...routerDown, faultClass: 'location-dark', headline: 'Location dark' }
    const { first, now, count } = await moveBetween(6_004, 'collaborative', [dark, powerCut])
    expect(first).toMatchObject({ ownerTeamId: 'team-network' })
    expect(now).toMatchObject({ ownerTeamId: 'team-field', name: 'Power was cut' })
    expect(now?.collaboratorTeamIds).toContain('team-network')
    expect([now?.id, count]).toEqual([first?.id, 1])
  })
})
