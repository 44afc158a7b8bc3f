import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { isClaimed, mustRun, ownAddresses, writeWhole } from './box.ts'
import { type ClaimCommand, claimOnce, pendingClaim } from './claim.ts'
import { watchHealth } from './health.ts'
import type { HealthLimits } from './health-rules.ts'
import type { Places } from './places.ts'
import { setUp } from './setup.ts'

const ADDRESS_WAIT_MS = 20_000
const ADDRESS_LOOK_EVERY_MS = 250

export interface BoxDeps {
  readonly places: Places
  readonly claim: ClaimCommand
  readonly limits: HealthLimits
  readonly say: (line: string) => void
}

/**
 * All that the appliance does for itself at a start, in one process (ADR 023): takes up the configuration, tells systemd that the
 * network may start, spends the claim, judges the slot. Ends when the slot is judged and the cloud was seen.
 */
export async function startBox({ places, claim, limits, say }: BoxDeps): Promise<void> {
  await setUp(places)
  const isClaiming = isClaimOpen(places)
  if (isClaiming) await writeWhole(places.claimingFile, 'yes\n')
  if (process.env.NOTIFY_SOCKET !== undefined) await mustRun('systemd-notify', ['--ready'])
  await Promise.all([isClaiming ? spendClaim(places, claim) : undefined, watchHealth(places, limits, say)])
}

/**
 * Whether a claim is to be spent, or one was being spent when this process ended before: the agent waits until it is settled.
 * A reset comes first: the claim on the card may be meant for after it.
 */
export function isClaimOpen(places: Places): boolean {
  if (existsSync(places.claimingFile)) return true
  return !existsSync(places.resetFile) && pendingClaim(places) !== undefined
}

async function spendClaim(places: Places, claim: ClaimCommand): Promise<void> {
  // A program started for an attempt that cannot succeed yet costs a small board time.
  for (let waitedMs = 0; ownAddresses().length === 0 && waitedMs < ADDRESS_WAIT_MS; ) {
    await sleep(ADDRESS_LOOK_EVERY_MS)
    waitedMs += ADDRESS_LOOK_EVERY_MS
  }
  await claimOnce(places, claim)
  await letAgentGo(places, () =>
    mustRun('systemctl', ['start', '--no-block', 'proactive-agent.service']).then(() => undefined),
  )
}

/**
 * The claim is settled: the agent may start. Where it cannot be started the claim counts as being spent still, so that the next process
 * tries again; else the appliance would stand there with an identity and without an agent until somebody takes its power away.
 */
export async function letAgentGo(places: Places, startAgent: () => Promise<void>): Promise<void> {
  // Its unit waits until the file is gone.
  await rm(places.claimingFile, { force: true })
  if (!isClaimed(places)) return
  try {
    await startAgent()
  } catch (error) {
    await writeWhole(places.claimingFile, 'yes\n')
    throw error
  }
}
