import { Site, type SiteOptions } from '../../ingest/src/faults/testing/site.ts'

/** A story of one Location as its appliance and the ingest would tell it, and what must come of it. */
export interface Scenario {
  /** Folder under `test/fixtures`. */
  readonly name: string
  /** What other systems got wrong there, or what is easily got wrong. */
  readonly why: string
  /** `final cause root`, one an incident, in the order of opening; root `-` = no device of the Location. */
  readonly expected: readonly string[]
  /** Those of them without an Issue. */
  readonly withoutIssue?: readonly string[]
  readonly options?: SiteOptions
  readonly play: (at: Site) => void
}

export const minute = 60_000
export const hour = 3_600_000

/** Open Monday to Saturday, 8 to 20. */
export const shopHours = {
  openings: [1, 2, 3, 4, 5, 6].map((weekday) => ({ weekday, from: '08:00', to: '20:00' })),
  holidays: [],
}

export const open = { type: 'session-opened', applianceId: 'app-1', remoteAddress: '198.51.100.7' } as const
export const broken = { type: 'session-closed', applianceId: 'app-1', how: 'will' } as const
export const goodbye = { type: 'session-closed', applianceId: 'app-1', how: 'goodbye' } as const
export const gatewayLost = { type: 'session-closed', applianceId: 'app-1', how: 'gateway-lost' } as const

export function siteOf({ options = {} }: Scenario): Site {
  return new Site(options)
}

/** Everything behind the router falls silent, as the agent would tell it. */
export function allSilent(at: Site, except: readonly string[] = ['router']): void {
  for (const { id } of at.devices) {
    if (!except.includes(id)) at.silent(id)
    at.pass(300)
  }
}

export function allAnswer(at: Site): void {
  for (const { id } of at.devices) {
    at.answers(id)
    at.pass(300)
  }
}

/** Dark for so long; back with the agent's own account of it. */
export function darkFor(
  at: Site,
  ms: number,
  cause:
    | 'router-down'
    | 'provider-down'
    | 'wan-link-down'
    | 'power-cut'
    | 'appliance-cable'
    | 'cloud-unreachable'
    | null,
  isRestart = false,
): void {
  const fromMs = at.nowMs - 20_000
  at.ingest(broken)
  at.pass(ms)
  if (isRestart) at.bootEpoch += 1
  at.ingest(open)
  at.birth()
  at.pass(500)
  if (isRestart) at.see({ type: 'agent-started', previousEnd: 'power-loss', downMs: ms })
  if (cause !== null) at.see({ type: 'verdict', cause, fromMs, toMs: at.nowMs })
  at.pass(2_000)
  at.telemetry()
}
