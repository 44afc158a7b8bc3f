/**
 * When a started slot counts as good. Pure: facts in, judgement out.
 *
 * A slot that is not on trial was good before: it needs a running agent, or ten minutes of patience. A slot that was just
 * installed is held to what its predecessor could do, with one exception: whether the internet works is not its doing.
 */
export interface HealthFacts {
  readonly sinceBootSeconds: number
  /** First starts after an update; `couldReachCloud` and `hadAddress` tell of the slot before. */
  readonly trial: { readonly couldReachCloud: boolean; readonly hadAddress: boolean } | undefined
  readonly isClaimed: boolean
  /** The configuration was read and applied, or is absent as on an unclaimed appliance. */
  readonly isSetUp: boolean
  /** How long the agent's process has been up without a restart; undefined when it is not running. */
  readonly agentUpSeconds: number | undefined
  readonly isDataWritable: boolean
  /** Some interface has carrier and an address. */
  readonly hasAddress: boolean
  /** The cloud took something from the agent since this start. */
  readonly isAcknowledged: boolean
  /** A bare TCP connection to the cloud, made without the agent, opened lately; undefined: not tried yet. */
  readonly isCloudOpen: boolean | undefined
}

export type Judgement =
  | { readonly kind: 'good'; readonly because: string }
  | { readonly kind: 'wait'; readonly for: string }
  | { readonly kind: 'bad'; readonly because: string }

/** Seconds since the start, except `steady`. */
export interface HealthLimits {
  /** An agent that stands this long is not in a crash loop. */
  readonly steady: number
  /** Time for a slot on trial to show what it can. */
  readonly local: number
  /** The cloud stays silent though it can be reached: the update's doing. */
  readonly silent: number
  /** No address although there was one: the update's doing, or a pulled cable, for which the old slot is as good. */
  readonly address: number
  /** A slot that was good before is good again, whatever its agent does. */
  readonly patience: number
}

export const healthLimits: HealthLimits = { steady: 30, local: 300, silent: 600, address: 900, patience: 600 }

export function judge(facts: HealthFacts, limits: HealthLimits = healthLimits): Judgement {
  const isSteady = facts.agentUpSeconds !== undefined && facts.agentUpSeconds >= limits.steady
  const isWorking = facts.isSetUp && facts.isDataWritable && (isSteady || !facts.isClaimed)
  if (facts.trial === undefined) {
    if (facts.isAcknowledged)
      return { kind: 'good', because: 'it was good before, and the cloud acknowledged it' }
    if (isWorking) return { kind: 'good', because: 'it was good before and works' }
    if (facts.sinceBootSeconds >= limits.patience) return { kind: 'good', because: 'it was good before' }
    return { kind: 'wait', for: 'the agent to stand' }
  }
  if (facts.isAcknowledged) return { kind: 'good', because: 'the cloud acknowledged what it sent' }
  if (!isWorking) return until(limits.local, facts, lacking(facts))
  if (!facts.isClaimed) return { kind: 'good', because: 'it works and belongs to no Location yet' }
  if (!facts.trial.couldReachCloud)
    return { kind: 'good', because: 'it works; the slot before had no cloud either' }
  if (!facts.hasAddress && facts.trial.hadAddress)
    return until(limits.address, facts, 'an address on the Location’s network, which the slot before had')
  if (facts.isCloudOpen === true)
    return until(limits.silent, facts, 'the cloud, which can be reached, to acknowledge')
  if (facts.sinceBootSeconds >= limits.local)
    return { kind: 'good', because: 'it works here; the internet is down, which is not its doing' }
  return { kind: 'wait', for: 'the cloud' }
}

function until(limitSeconds: number, facts: HealthFacts, what: string): Judgement {
  return facts.sinceBootSeconds >= limitSeconds
    ? { kind: 'bad', because: `no sign of ${what}` }
    : { kind: 'wait', for: what }
}

function lacking(facts: HealthFacts): string {
  if (!facts.isDataWritable) return 'a data partition that can be written'
  if (!facts.isSetUp) return 'the configuration in force'
  return 'an agent that stands'
}
