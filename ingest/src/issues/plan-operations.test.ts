import type { OpenIssue, UpdateIssue } from '@proactive/shared/http'
import { describe, expect, it } from 'vitest'
import { effect, keyOf } from './issue-stack-fixture.ts'
import { type KnownKey, type OutboxChange, planOperations, type WaitingOperation } from './plan-operations.ts'

const key = keyOf(1)
const issue: OpenIssue = {
  locationId: 'loc-1',
  name: 'Router unreachable',
  ownerTeamId: 'team-network',
  collaboratorTeamIds: ['team-pos'],
  product: { kind: 'not-listed', name: 'router' },
  severity: 'high',
  categories: ['Network'],
  symptoms: 'Payments fail.',
  diagnosis: 'Silent.',
  articleUrls: [],
  proactive: {
    faultClass: 'router-down',
    affectedDeviceIds: ['dev-1', 'dev-2'],
    startedAtMs: 1,
    evidenceUrl: '/x',
  },
}
const options = { nowMs: 1_000_000, coalesceMs: 300_000 }

function known(changed: Partial<KnownKey> = {}): KnownKey {
  return {
    told: issue,
    lastNoteAtMs: 900_000,
    nextSeq: 2,
    isRecoveryPlanned: false,
    isCondensed: false,
    tail: undefined,
    ...changed,
  }
}

function waiting(changed: Partial<WaitingOperation> = {}): WaitingOperation {
  const body = JSON.stringify(issue)
  return {
    opSeq: 1,
    kind: 'open',
    state: 'pending',
    attempts: 0,
    body,
    isHeldAsFlapping: false,
    ...changed,
  }
}

function bodyOf(change: OutboxChange | undefined): unknown {
  return change === undefined || change.type === 'drop' ? undefined : JSON.parse(change.body)
}

describe('an incident that opens', () => {
  it('opens its Issue at once', () => {
    const { changes } = planOperations(effect('opened', key), issue, undefined, options)
    expect(changes).toMatchObject([{ type: 'insert', opSeq: 1, kind: 'open', dueAtMs: options.nowMs }])
  })

  it.each(['recovered', 'closed'] as const)('opens nothing where it is already %s', (change) => {
    const state = change === 'closed' ? 'closed' : 'recovering'
    const { changes } = planOperations(effect(change, key, { state }), issue, undefined, options)
    expect(changes).toEqual([])
  })
})

describe('an incident that changes', () => {
  const worse: OpenIssue = { ...issue, symptoms: 'No payments at all.' }

  it('is told when its turn comes: one note in five minutes', () => {
    const { changes } = planOperations(effect('updated', key), worse, known(), options)
    expect(changes).toMatchObject([{ type: 'insert', opSeq: 2, kind: 'update', dueAtMs: 1_200_000 }])
  })

  it('is told once where it changes twice before that', () => {
    const first = { opId: 'op-2', note: 'x', change: { symptoms: 'No payments at all.' } }
    const tail = waiting({ opSeq: 2, kind: 'update', body: JSON.stringify(first) })
    const plan = planOperations(
      effect('updated', key),
      { ...worse, severity: 'critical' },
      known({ told: worse, nextSeq: 3, lastNoteAtMs: 1_200_000, tail }),
      options,
    )
    expect(plan.changes).toMatchObject([{ type: 'replace', opSeq: 2 }])
    const body = bodyOf(plan.changes[0]) as UpdateIssue
    expect(body).toMatchObject({
      opId: 'op-2',
      change: { symptoms: 'No payments at all.', severity: 'critical' },
    })
  })

  it('rewrites an open that was never sent, instead of telling its history', () => {
    const plan = planOperations(effect('moved', key), worse, known({ tail: waiting() }), options)
    expect(plan.changes).toEqual([
      { type: 'replace', opSeq: 1, body: JSON.stringify(worse), dueAtMs: options.nowMs },
    ])
  })

  it.each(['sending', 'retry', 'ambiguous'] as const)(
    'never rewrites what may have arrived (%s)',
    (state) => {
      const tail = waiting({ state, attempts: 1 })
      const plan = planOperations(effect('updated', key), worse, known({ tail }), options)
      expect(plan.changes).toMatchObject([{ type: 'insert', opSeq: 2, kind: 'update' }])
    },
  )

  it('says nothing where nothing is new', () => {
    expect(planOperations(effect('updated', key), issue, known(), options).changes).toEqual([])
  })

  it('brings a moved cause to its new owner at once', () => {
    const moved: OpenIssue = { ...issue, ownerTeamId: 'team-pos', collaboratorTeamIds: [] }
    const { changes, told } = planOperations(effect('moved', key), moved, known(), options)
    expect(changes).toMatchObject([{ kind: 'update', dueAtMs: options.nowMs }])
    expect(told?.collaboratorTeamIds).toEqual([])
  })

  it('keeps on record who was affected while it recovers', () => {
    const fewer: OpenIssue = { ...issue, proactive: { ...issue.proactive, affectedDeviceIds: [] } }
    const recovering = effect('recovered', key, { state: 'recovering' })
    expect(planOperations(recovering, fewer, known(), options).changes).toEqual([])
  })
})

describe('an incident that closes', () => {
  const closed = effect('closed', key, { state: 'closed', clearedAtMs: 5, closedAtMs: 25 })

  it('is told as recovered, behind a last note that no longer waits', () => {
    const update = { opId: 'op-2', note: 'x', change: { symptoms: 'Worse.' } }
    const tail = waiting({ opSeq: 2, kind: 'update', body: JSON.stringify(update) })
    const { changes } = planOperations(
      closed,
      { ...issue, diagnosis: 'It was the power supply.' },
      known({ tail, nextSeq: 3, lastNoteAtMs: 1_200_000 }),
      options,
    )
    expect(changes).toMatchObject([
      { type: 'replace', opSeq: 2, dueAtMs: options.nowMs },
      { type: 'insert', opSeq: 3, kind: 'recover', dueAtMs: options.nowMs },
    ])
    expect(bodyOf(changes[1])).toMatchObject({ clearedAtMs: 5 })
  })

  it('says that it goes on elsewhere where it was folded into another one', () => {
    const reasons = [{ atMs: 20, text: 'Explained by another fault' }]
    const folded = effect('closed', key, { state: 'closed', closedAtMs: 25, endedBy: 'folded', reasons })
    const { changes } = planOperations(folded, issue, known(), options)
    expect(bodyOf(changes.at(-1))).toMatchObject({
      endedBy: 'folded',
      note: 'The fault is not over: it goes on in another Issue.\nExplained by another fault',
    })
  })

  it('is not told again, opened or changed by a repeat that comes when its evidence is gone', () => {
    const gone = known({ isRecoveryPlanned: true, isCondensed: true, told: { ...issue, diagnosis: '' } })
    for (const repeat of [effect('opened', key), effect('moved', key, { faultClass: 'pos-down' }), closed])
      expect(planOperations(repeat, issue, gone, options)).toMatchObject({ changes: [], told: undefined })
  })

  it('is told once', () => {
    expect(planOperations(closed, issue, known({ isRecoveryPlanned: true }), options).changes).toEqual([])
  })
})

describe('an open that the flap guard holds back', () => {
  const held = known({ tail: waiting({ isHeldAsFlapping: true }) })

  it('is dropped where its fault ends by itself first', () => {
    const { changes } = planOperations(effect('closed', key, { state: 'closed' }), issue, held, options)
    expect(changes).toEqual([{ type: 'drop', opSeq: 1 }])
  })

  it('goes on waiting while the fault lasts, with what is known of it now', () => {
    const worse = { ...issue, symptoms: 'No payments at all.' }
    const { changes } = planOperations(effect('updated', key), worse, held, options)
    expect(changes).toMatchObject([{ type: 'replace', opSeq: 1 }])
    expect(bodyOf(changes[0])).toMatchObject({ symptoms: 'No payments at all.' })
  })

  it('is told with its end where anything else held it', () => {
    const { changes } = planOperations(
      effect('closed', key, { state: 'closed' }),
      issue,
      known({ tail: waiting() }),
      options,
    )
    expect(changes.map(({ type }) => type)).toContain('insert')
  })
})
