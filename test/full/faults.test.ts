import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Issue } from '@proactive/shared/http'
import { afterAll, describe, expect, it } from 'vitest'
import { projectRoot } from '../../scripts/setup/project-root.ts'
import type { FaultReport } from '../../scripts/stack/fault-trial.ts'
import type { Stack } from '../../scripts/stack/stack.ts'
import { awaitIssues, canRunLab, fault, quietly, startTestStack } from '../e2e/fixture/stack.ts'
import { campaigns, type Trial } from '../scenarios/lab-campaigns.ts'
import { percentile, report, type TrialRow } from './percentiles.ts'

/** How often each fault is tried; `PROACTIVE_REPETITIONS` for a shorter run, whose report is not kept. */
const repetitions = Number(process.env.PROACTIVE_REPETITIONS ?? 10)
const campaignTimeoutMs = repetitions * 600_000

const rows: TrialRow[] = []

describe.skipIf(!canRunLab)(`each fault ${repetitions} times`, () => {
  for (const { name, hasBackupUplink, trials } of campaigns) {
    it.concurrent(name, { timeout: campaignTimeoutMs }, async () => {
      const { stack, stop } = await startInTurn(hasBackupUplink)
      const findings: string[] = []
      try {
        for (const one of trials) {
          const row = await repeat(stack, one, hasBackupUplink)
          rows.push(row)
          findings.push(...complaints(row))
        }
      } finally {
        await stop(false)
      }
      expect(findings).toEqual([])
    })
  }
})

/** Stacks start one after another: starting is work, and a start has its deadlines. */
let lastStart: Promise<unknown> = Promise.resolve()

function startInTurn(hasBackupUplink: boolean): ReturnType<typeof startTestStack> {
  const started = lastStart.then(() => startTestStack({ hasBackupUplink }))
  lastStart = started.catch(() => undefined)
  return started
}

async function repeat(stack: Stack, one: Trial, secondUplink: boolean): Promise<TrialRow> {
  const seconds: (number | null)[] = []
  const explained: number[] = []
  const resolved: number[] = []
  let childIssues = 0
  let wrong = 0
  for (let count = 0; count < repetitions; count++) {
    const told = one.cause === null ? await expectNothing(stack, one.words) : await fault(stack, ...one.words)
    // Passing faults are over by themselves by now; all that is left is mended.
    await stack.site.lab.heal('all')
    const healedAtMs = performance.now()
    const [first] = told.issues
    seconds.push(first?.seconds ?? null)
    childIssues += told.childIssues
    if (one.cause === null) continue
    const isExplained = (issues: readonly Issue[]) =>
      issues.some((issue) => issue.key === first?.key && isRight(issue, one))
    await awaitIssues(stack, isExplained, explainLimitMs).then(
      () => explained.push((performance.now() - healedAtMs) / 1000),
      () => undefined,
    )
    const isEndRight = await endsRight(stack, one, first?.key)
    if (isEndRight) resolved.push((performance.now() - healedAtMs) / 1000)
    else wrong += 1
  }
  return {
    fault: one.words.join(' '),
    secondUplink,
    limitSeconds: one.limitSeconds,
    seconds,
    explained,
    resolved,
    childIssues,
    wrong,
  }
}

/** How long a harmless event may take to show that it was taken for a fault: longer than any hold of devices. */
const harmlessMs = 35_000

async function expectNothing(
  stack: Stack,
  words: readonly string[],
): Promise<Pick<FaultReport, 'issues' | 'childIssues'>> {
  const known = new Set((await stack.issues()).map(({ id }) => id))
  await quietly(stack, 'fault', ...words)
  const opened = await awaitIssues(
    stack,
    (issues) => issues.some(({ id }) => !known.has(id)),
    harmlessMs,
  ).catch(() => [])
  const issues = opened
    .filter(({ id }) => !known.has(id))
    .map(({ key = '', ownerTeamName }) => ({
      key,
      team: ownerTeamName,
      product: '',
      seconds: 0,
      affected: [],
    }))
  return { issues, childIssues: 0 }
}

/** A dark Location's Issue carries its cause and owner this long after the Location is back; any other one at once. */
const explainLimitMs = 60_000

/** Whether the Issue with this key is resolved in the end, with the right cause and Team. */
async function endsRight(stack: Stack, one: Trial, key: string | undefined): Promise<boolean> {
  const isResolved = (issues: readonly Issue[]) => issues.every((issue) => issue.status === 'Resolved')
  const issues = await awaitIssues(stack, isResolved, 150_000).catch(() => [])
  const issue = issues.find((candidate) => candidate.key === key)
  return issue !== undefined && isRight(issue, one)
}

const isRight = (issue: Issue, { cause, team }: Trial) =>
  issue.proactive?.faultClass === cause && issue.ownerTeamName === team

function complaints({
  fault: name,
  limitSeconds,
  seconds,
  explained,
  childIssues,
  wrong,
}: TrialRow): string[] {
  const opened = seconds.filter((one) => one !== null)
  if (limitSeconds === null) return opened.length === 0 ? [] : [`${name} opened ${opened.length} Issues`]
  const p95 = percentile(opened, 0.95)
  return [
    ...(opened.length < seconds.length ? [`${name}: ${seconds.length - opened.length} missing`] : []),
    ...(explained.length < seconds.length
      ? [`${name}: ${seconds.length - explained.length} not explained after ${explainLimitMs / 1000} s`]
      : []),
    ...(childIssues > 0 ? [`${name}: ${childIssues} child Issues`] : []),
    ...(wrong > 0 ? [`${name}: ${wrong} with the wrong end`] : []),
    ...(p95 > limitSeconds ? [`${name}: p95 ${p95} s, to hold ${limitSeconds} s`] : []),
  ]
}

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
