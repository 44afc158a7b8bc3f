import { type AgentConfig, type Desired, desiredSchema, type Reported } from '@proactive/shared'
import { z } from 'zod'
import type { Log, Scheduler, Stop } from '../ports/index.ts'

/** The configuration that the cloud wants, as far as this appliance can live with it. */
export interface Wish {
  /** In force now; undefined = only what was set on site. */
  current(): Desired | undefined
  /** Why the last one is not in force, where it is not. */
  refused(): Reported['refused']
  /** Puts in force what was in force when the last run ended. */
  start(): void
  /** The cloud wants this: it is in force afterwards, or refused. An older one changes nothing. */
  take(wanted: Desired): void
  /** What the grant depends on changed: the same is applied anew. */
  again(): void
  /** The run ends well: what is on trial has held. */
  stop(): void
}

export interface WishDeps {
  readonly scheduler: Scheduler
  readonly log: Log
  readonly agentVersion: string
  fact(key: string): string | undefined
  remember(key: string, value: string | null): void
  /** Writes what is remembered now. */
  flush(): void
  /** Puts a configuration in force, on top of what was set on site; whatever it throws, the one before is applied next. */
  apply(config: AgentConfig | undefined): void
}

/** Facts in the spool: the last good one, and a newer one that has not held for long enough. */
const goodKey = 'desired'
const trialKey = 'desiredTrial'
/** What ends the agent does so within this time of being applied. */
const trialMs = 60_000
/** Runs that may end while it is on trial: a power cut is no fault of the configuration, three in a row within a minute of it are. */
const mostTries = 3

const trialSchema = z.object({
  tries: z.int().min(0),
  /** Another version of the agent tries anew. */
  agentVersion: z.string(),
  wanted: desiredSchema,
})

/**
 * A configuration may be right by its schema and still end the agent while it is applied. Such a one must not end each start as well: it is
 * refused with its reason and the last good one stays in force. What came new is on trial for a minute; runs that end within it are counted.
 */
export function createWish(deps: WishDeps): Wish {
  const { scheduler, log } = deps
  let good = parse(desiredSchema, deps.fact(goodKey))
  const lastTrial = parse(trialSchema, deps.fact(trialKey))
  let current = good
  let refusal: { readonly text: string; readonly reason: string } | undefined
  let stopTrial: Stop | undefined

  function applyGood(): void {
    stopTrial?.()
    stopTrial = undefined
    current = good
    try {
      deps.apply(good?.config)
    } catch (err) {
      if (good === undefined) throw err
      refuse(good, err)
      good = current = undefined
      deps.apply(undefined)
    }
  }

  function refuse(wanted: Desired, err: unknown): void {
    const why = err instanceof Error ? err.message : String(err)
    refusal = { text: JSON.stringify(wanted), reason: `version ${wanted.version}: ${why}`.slice(0, 200) }
    log.error({ err, version: wanted.version }, 'a wanted configuration is refused; the last good one holds')
  }

  function held(): void {
    stopTrial?.()
    stopTrial = undefined
    good = current
    deps.remember(goodKey, JSON.stringify(good))
    deps.remember(trialKey, null)
  }

  function tryOut(wanted: Desired, tries: number): void {
    if (tries > mostTries) {
      refuse(wanted, new Error(`the agent ended ${mostTries} times within a minute of applying it`))
      applyGood()
      return
    }
    // The one before was applied and holds so far: it is what to go back to.
    if (stopTrial !== undefined) held()
    // On the disk before it is applied: if it ends this process, the next run knows.
    deps.remember(trialKey, JSON.stringify({ tries, agentVersion: deps.agentVersion, wanted }))
    deps.flush()
    try {
      current = wanted
      deps.apply(wanted.config)
      refusal = undefined
      stopTrial?.()
      stopTrial = scheduler.after(trialMs, held)
    } catch (err) {
      refuse(wanted, err)
      deps.remember(trialKey, null)
      applyGood()
    }
  }

  function again(): void {
    try {
      deps.apply(current?.config)
    } catch (err) {
      if (current === undefined) throw err
      refuse(current, err)
      if (current === good) good = undefined
      applyGood()
    }
  }

  return {
    current: () => current,
    refused: () => (refusal === undefined ? [] : [{ path: 'config', reason: refusal.reason }]),
    start() {
      if (lastTrial === undefined || lastTrial.wanted.version < (good?.version ?? 0)) {
        applyGood()
        return
      }
      const isSameAgent = lastTrial.agentVersion === deps.agentVersion
      tryOut(lastTrial.wanted, isSameAgent ? lastTrial.tries + 1 : 1)
    },
    take(wanted) {
      if (current !== undefined && wanted.version < current.version) return
      const text = JSON.stringify(wanted)
      // It comes again with each connection; what was refused in this run is not tried again in it.
      if (refusal?.text === text) return
      if (text !== JSON.stringify(current)) {
        tryOut(wanted, 1)
        return
      }
      refusal = undefined
      again()
    },
    again,
    stop() {
      if (stopTrial !== undefined) held()
    },
  }
}

/** What the version before kept may be of another make: then the cloud's next word counts. */
function parse<T>(schema: z.ZodType<T>, text: string | undefined): T | undefined {
  if (text === undefined) return undefined
  try {
    return schema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
