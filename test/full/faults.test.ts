import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { projectRoot } from '../../scripts/setup/project-root.ts'
import { awaitIssues, canRunLab, fault, quietly, useStack } from '../e2e/fixture/stack.ts'
import { percentile, report, type TrialRow } from './percentiles.ts'

/** How often each fault is tried; `PROACTIVE_REPETITIONS` for a shorter run, whose report is not kept. */
const repetitions = Number(process.env.PROACTIVE_REPETITIONS ?? 10)
const perTrialMs = 260_000

interface Trial {
  readonly words: readonly string[]
  readonly cause: string
  readonly team: string
  readonly limitSeconds: number
}

const withSecondUplink: readonly Trial[] = [
  { words: ['router-down'], cause: 'router-down', team: 'Network Team', limitSeconds: 15 },
  { words: ['wan-down', 'link'], cause: 'wan-link-down', team: 'Network Team', limitSeconds: 15 },
  { words: ['wan-down', 'provider'], cause: 'provider-down', team: 'Network Team', limitSeconds: 15 },
  { words: ['dns-down'], cause: 'dns-failing', team: 'Network Team', limitSeconds: 75 },
]
const withoutSecondUplink: readonly Trial[] = [
  { words: ['pos-down', 'pos-1'], cause: 'pos-down', team: 'POS Team', limitSeconds: 30 },
  { words: ['pos-down', 'pos-2'], cause: 'pos-down', team: 'POS Team', limitSeconds: 30 },
  { words: ['switch-down'], cause: 'switch-down', team: 'Network Team', limitSeconds: 30 },
  { words: ['processor-down'], cause: 'payment-path-failing', team: 'Payments Team', limitSeconds: 75 },
]
/** Dark first; `cause` is what the Issue says after the Location is back. */
const dark: readonly Trial[] = [
  { words: ['router-down'], cause: 'router-down', team: 'Network Team', limitSeconds: 60 },
  { words: ['wan-down', 'provider'], cause: 'provider-down', team: 'Network Team', limitSeconds: 60 },
  { words: ['power-cut'], cause: 'power-cut', team: 'Network Team', limitSeconds: 60 },
]
const harmless = [
  ['pos-sleep', 'pos-3'],
  ['pos-restart', 'pos-1'],
  ['roam', 'office-1'],
  ['new-device'],
] as const

const rows: TrialRow[] = []

for (const [title, trials, hasBackupUplink] of [
  ['with a second way out', withSecondUplink, true],
  ['with one way out', [...withoutSecondUplink, ...dark], false],
] as const) {
  describe.skipIf(!canRunLab)(title, () => {
    const stack = useStack({ hasBackupUplink })
    for (const trial of trials) {
      const name = trial.words.join(' ')
      it(`${name}, ${repetitions} times`, { timeout: repetitions * perTrialMs }, async () => {
        const seconds: (number | null)[] = []
        let childIssues = 0
        let wrong = 0
        for (let count = 0; count < repetitions; count++) {
          const told = await fault(stack(), ...trial.words)
          await quietly(stack(), 'heal', ...trial.words)
          const [first] = told.issues
          seconds.push(first?.seconds ?? null)
          childIssues += told.childIssues
          const isRight = await awaitIssues(
            stack(),
            (issues) => issues.every((issue) => issue.status === 'Resolved') && issues.length > 0,
            150_000,
          ).then(
            (issues) => {
              const issue = issues.find(({ key }) => key === first?.key)
              return issue?.proactive?.faultClass === trial.cause && issue.ownerTeamName === trial.team
            },
            () => false,
          )
          if (!isRight) wrong += 1
        }
        rows.push({
          fault: name,
          secondUplink: hasBackupUplink,
          limitSeconds: trial.limitSeconds,
          seconds,
          childIssues,
          wrong,
        })
        expect({ childIssues, wrong, missing: seconds.filter((one) => one === null).length }).toEqual({
          childIssues: 0,
          wrong: 0,
          missing: 0,
        })
        expect(
          percentile(
            seconds.filter((one) => one !== null),
            0.95,
          ),
        ).toBeLessThanOrEqual(trial.limitSeconds)
      })
    }
  })
}

describe.skipIf(!canRunLab)('what is no fault', () => {
  const stack = useStack({ hasBackupUplink: false })
  for (const words of harmless) {
    it(`${words.join(' ')} opens nothing, ${repetitions} times`, {
      timeout: repetitions * 90_000,
    }, async () => {
      const seconds: (number | null)[] = []
      for (let count = 0; count < repetitions; count++) {
        const before = (await stack().issues()).length
        await quietly(stack(), 'fault', ...words)
        const opened = await awaitIssues(stack(), (issues) => issues.length > before, 45_000).then(
          () => 0,
          () => null,
        )
        seconds.push(opened)
        await quietly(stack(), 'heal', ...words)
      }
      rows.push({
        fault: words.join(' '),
        secondUplink: false,
        limitSeconds: null,
        seconds,
        childIssues: 0,
        wrong: 0,
      })
      expect(seconds.filter((one) => one !== null)).toEqual([])
    })
  }
})

afterAll(() => {
  if (rows.length === 0) return
  const date = new Date().toISOString().slice(0, 10)
  const text = report(rows, { date, repetitions, machine: `${availableParallelism()} cores` })
  const folder = join(projectRoot, 'docs', 'reports')
  if (repetitions < 10) {
    process.stderr.write(text)
    return
  }
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${date}-faults.md`), text)
})
