import type { Issue } from '@proactive/shared/http'
import { parseFault } from '../../test/lab/faults.ts'

/** `fault … --wait --json`. `seconds` = fault injected → Issue open. */
export interface FaultReport {
  readonly fault: string
  readonly issues: readonly {
    key: string
    team: string
    product: string
    seconds: number
    affected: readonly string[]
  }[]
  /** Issues beside the first: what a single cause must never open. */
  readonly childIssues: number
}

/** `heal … --wait --json`. `seconds` = healed → this state of the Issue. */
export interface HealReport {
  readonly fault: string
  readonly issues: readonly { key: string; status: string; cause: string; team: string; seconds: number }[]
}

export interface TrialDeps {
  /** All Issues of the Location, whoever may see them. */
  readonly listIssues: () => Promise<readonly Issue[]>
  /** How people call a device now; asked for at the end, since names may come after the first inventory. */
  readonly namesOfDevices: () => Promise<(deviceId: string) => string>
  readonly nowMs: () => number
  /** Resolves after this long, or when anything about Issues may have changed. */
  readonly pause: (ms: number) => Promise<void>
}

/** A fault of the Location, as its status tells. */
export interface FaultInForce {
  readonly name: string
  /** '' where the fault takes none. */
  readonly argument: string
  readonly sinceMs: number
}

/** Why a fault cannot be injected again: this very one is in force, and its Issue counts from its first time. One sentence; undefined = it can. */
export function whyNotAgain(
  inForce: readonly FaultInForce[],
  name: string,
  args: readonly string[],
): string | undefined {
  const parsed = parseFault(name, args)
  if (!parsed.ok) return undefined
  const { fault } = parsed
  if (!inForce.some((one) => one.name === fault.name && one.argument === fault.argument)) return undefined
  const words = `${fault.name} ${fault.argument}`.trim()
  return `${words} is in force already; heal it first: npm run lab -- heal ${words}`
}

/** Since when the faults that are over now were in force; undefined where none was. */
export function inForceSinceMs(
  before: readonly FaultInForce[],
  after: readonly FaultInForce[],
): number | undefined {
  const isStill = (fault: FaultInForce) =>
    after.some((one) => one.name === fault.name && one.argument === fault.argument)
  const ended = before.filter((fault) => !isStill(fault))
  return ended.length === 0 ? undefined : Math.min(...ended.map(({ sinceMs }) => sinceMs))
}

const pollMs = 200
const faultLimitMs = 75_000
const settleMs = 5_000
const healLimitMs = 90_000

/** Waits until 5 s after the first Issue that opened since `injectedAtMs`, at most 75 s. */
export async function awaitFault(deps: TrialDeps, fault: string, injectedAtMs: number): Promise<FaultReport> {
  let opened: readonly Issue[] = []
  for (;;) {
    opened = (await deps.listIssues()).filter(
      (issue) => issue.source === 'proactive' && issue.createdAtMs >= injectedAtMs,
    )
    const firstAtMs = Math.min(...opened.map((issue) => issue.createdAtMs))
    const nowMs = deps.nowMs()
    if (nowMs >= injectedAtMs + faultLimitMs || nowMs >= firstAtMs + settleMs) break
    await deps.pause(pollMs)
  }
  const nameOf = await deps.namesOfDevices()
  const byAge = opened.toSorted((a, b) => a.createdAtMs - b.createdAtMs)
  return {
    fault,
    issues: byAge.map((issue) => ({
      key: issue.key ?? '',
      team: issue.ownerTeamName,
      product: issue.product.name,
      seconds: seconds(issue.createdAtMs - injectedAtMs),
      affected: (issue.proactive?.affectedDeviceIds ?? []).map(nameOf),
    })),
    childIssues: Math.max(0, byAge.length - 1),
  }
}

/** Waits until every Issue with one of these keys is resolved, at most 90 s. */
export async function awaitHeal(
  deps: TrialDeps,
  fault: string,
  keys: ReadonlySet<string>,
  healedAtMs: number,
): Promise<HealReport> {
  let issues: readonly Issue[] = []
  for (;;) {
    issues = (await deps.listIssues()).filter((issue) => issue.key !== undefined && keys.has(issue.key))
    const isDone = issues.every((issue) => issue.status === 'Resolved' || issue.status === 'Cancelled')
    if (isDone || deps.nowMs() >= healedAtMs + healLimitMs) break
    await deps.pause(pollMs)
  }
  return {
    fault,
    issues: issues.map((issue) => ({
      key: issue.key ?? '',
      status: issue.status,
      cause: issue.proactive?.faultClass ?? '',
      team: issue.ownerTeamName,
      seconds: seconds((issue.resolvedAtMs ?? issue.updatedAtMs) - healedAtMs),
    })),
  }
}

function seconds(ms: number): number {
  return Math.round(ms / 100) / 10
}
