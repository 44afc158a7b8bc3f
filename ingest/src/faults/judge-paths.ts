import type { FaultClass, Severity } from '@proactive/shared'
import { type Cause, firstCue } from './cause.ts'
import { nameOf } from './device-words.ts'
import { gatewayDeviceOf, primaryCondition, primaryUplinkId } from './inventory.ts'
import { isRoaming } from './roles.ts'
import { rules } from './rules.ts'
import type { Condition, DeviceFacts, LocationState, ReasonFacts, Standing } from './state.ts'

/** Judges router, way out, names, addresses and payment paths. */
export function judgePaths(state: LocationState): Cause[] {
  const bad = state.conditions.filter((condition) => condition.state === 'bad')
  if (bad.length === 0 && gatewayDeviceOf(state)?.state !== 'bad') return []
  return [
    ...judgeRouter(state),
    ...judgeWan(state),
    ...judgeLine(state),
    ...judgeDns(state, bad),
    ...bad
      .filter(({ kind }) => kind === 'dhcp')
      .slice(0, 1)
      .flatMap((condition) => judgeDhcp(state, condition)),
    ...bad.filter(({ kind }) => kind === 'paypath').flatMap((condition) => judgePayPath(state, condition)),
    ...bad
      .filter(({ kind }) => kind === 'ip-conflict')
      .flatMap((condition) => judgeConflict(state, condition)),
  ]
}

/** Terminals and POS workstations: who cannot take cards when something before them fails. */
export function checkoutsOf(state: LocationState): string[] {
  return state.devices
    .filter((facts) => ['pos-terminal', 'pos-workstation'].includes(facts.role) && !facts.isRetired)
    .map(({ device }) => device.id)
}

function judgeRouter(state: LocationState): Cause[] {
  const link = primaryCondition(state, 'link')
  const gateway = primaryCondition(state, 'gateway')
  const router = gatewayDeviceOf(state)
  // Its gateway address answered after the device fell silent: the router is there.
  const isOutdated = gateway?.state === 'good' && router?.state === 'bad' && gateway.sinceMs > router.sinceMs
  const standings: Standing[] = []
  const reasons: ReasonFacts[] = []
  const take = (standing: Standing | undefined, what: string): void => {
    if (standing?.state !== 'bad') return
    standings.push(standing)
    reasons.push(reason(standing, what))
  }
  take(link, 'The appliance’s cable to the router has no carrier')
  take(gateway, 'The gateway does not answer')
  if (!isOutdated) take(router, `${router === undefined ? 'Router' : nameOf(router)} is silent`)
  return cause(standings, {
    faultClass: 'router-down',
    rootId: 'router',
    ...rootDevice(router),
    rootRole: router === undefined ? 'router' : routerRole(router),
    affected: state.devices
      .filter((facts) => facts !== router && !isRoaming(facts))
      .map(({ device }) => device.id),
    hasLostCarrier: link?.state === 'bad',
    reasons,
  })
}

function routerRole(router: DeviceFacts): string {
  const role = router.role
  return role === 'firewall' || role === 'modem' ? role : 'router'
}

/** No link at the router's WAN port = the line or the modem; with a link, or where the router tells nothing, what lies behind it. */
export function wanClass(wanLink: boolean | null | undefined): 'wan-link-down' | 'provider-down' {
  return wanLink === false ? 'wan-link-down' : 'provider-down'
}

function judgeWan(state: LocationState): Cause[] {
  const wan = primaryCondition(state, 'wan')
  if (wan?.state !== 'bad') return []
  const faultClass = wanClass(wan.wanLink)
  const isLossy = isLineHardlyUsable(state) && wan.wanLink !== false
  const modem = state.devices.find((facts) => facts.role === 'modem')
  const root = faultClass === 'wan-link-down' ? (modem ?? gatewayDeviceOf(state)) : undefined
  const link = wan.wanLink === null || wan.wanLink === undefined ? 'not told' : wan.wanLink ? 'up' : 'down'
  const hop =
    wan.firstHop === null || wan.firstHop === undefined ? 'not known' : wan.firstHop ? 'answers' : 'silent'
  return cause([wan], {
    faultClass,
    rootId: 'wan',
    ...rootDevice(root),
    rootRole: root === undefined ? rules[faultClass].rootRole : routerRole(root),
    affected: checkoutsOf(state),
    // A line that is hardly usable has moments without any answer: it must be gone for longer to be called dead.
    ...(isLossy ? { holdMs: lossyHoldMs } : {}),
    reasons: [
      reason(wan, `The internet does not answer; router’s WAN port: ${link}, provider’s first hop: ${hop}`),
    ],
  })
}

/** The line answers, and hardly a packet gets through. */
export function isLineHardlyUsable(state: LocationState): boolean {
  return slowLine(state)?.grade === 2
}

function slowLine(state: LocationState): Condition | undefined {
  return state.conditions.find(
    (condition) =>
      condition.kind === 'slow' && condition.state === 'bad' && condition.subject === primaryUplinkId(state),
  )
}

const lossyHoldMs = 20_000
/** Hardly usable: half a minute of it is enough. What was on its way over that very line has been so for as long already. */
const hardlyUsableHoldMs = 25_000
const leastHoldMs = 5_000

/** The line works, and worse than usual. What is slow behind it (a resolver, a processor) is no fault of the line. */
function judgeLine(state: LocationState): Cause[] {
  const slow = slowLine(state)
  if (slow === undefined) return []
  const isHardlyUsable = slow.grade === 2
  // What a slow clock makes look old was not under way.
  const lagMs = Math.max(0, state.appliance?.lagMs ?? 0)
  const wasUnderWayMs = (slow.cue?.loggedAtMs ?? slow.sinceMs) - slow.sinceMs - lagMs
  return cause([slow], {
    faultClass: 'wan-degraded',
    rootId: 'line',
    rootRole: rules['wan-degraded'].rootRole,
    affected: checkoutsOf(state),
    ...(isHardlyUsable
      ? { severity: 'high', holdMs: Math.max(leastHoldMs, hardlyUsableHoldMs - Math.max(0, wasUnderWayMs)) }
      : {}),
    reasons: [reason(slow, isHardlyUsable ? 'The line is hardly usable' : 'The line does worse than usual')],
  })
}

function judgeDns(state: LocationState, bad: readonly Condition[]): Cause[] {
  const failing = bad.filter(({ kind }) => kind === 'dns')
  const first = failing[0]
  if (first === undefined) return []
  const server = deviceByAddress(state, first.subject)
  return cause(failing, {
    faultClass: 'dns-failing',
    rootId: 'dns',
    ...rootDevice(server),
    rootRole: server === undefined ? rules['dns-failing'].rootRole : routerRole(server),
    affected: checkoutsOf(state),
    reasons: failing.map((condition) =>
      reason(
        condition,
        `Resolver ${condition.subject} does not answer${condition.otherResolverAnswers ? ', another one does' : ''}`,
      ),
    ),
  })
}

function judgeDhcp(state: LocationState, condition: Condition): Cause[] {
  const server = deviceByAddress(state, condition.subject) ?? gatewayDeviceOf(state)
  return cause([condition], {
    faultClass: 'dhcp-failing',
    rootId: 'dhcp',
    ...rootDevice(server),
    rootRole: 'router',
    affected: [],
    reasons: [reason(condition, `DHCP server ${condition.subject} does not answer`)],
  })
}

function judgePayPath(state: LocationState, condition: Condition): Cause[] {
  const target = targetName(state, condition.subject)
  return cause([condition], {
    faultClass: 'payment-path-failing',
    rootId: condition.subject,
    rootRole: rules['payment-path-failing'].rootRole,
    affected: checkoutsOf(state),
    reasons: [reason(condition, `${target} fails at ${stageWords[condition.stage ?? 'none']}`)],
  })
}

const stageWords = {
  none: 'an unknown stage',
  dns: 'the name lookup',
  tcp: 'the connection (TCP)',
  tls: 'the secured connection (TLS)',
} as const

/** A watched target as people know it, else its id. */
export function targetName(state: LocationState, targetId: string): string {
  return state.appliance?.targets.find(({ id }) => id === targetId)?.name ?? targetId
}

/** Of address conflicts only those that hit a checkout are worth an Issue. */
function judgeConflict(state: LocationState, condition: Condition): Cause[] {
  const macs = new Set(condition.macs ?? [])
  const parties = state.devices.filter(
    ({ device }) => device.ips.includes(condition.subject) || device.macs.some((mac) => macs.has(mac)),
  )
  const checkouts = new Set(checkoutsOf(state))
  const hit = parties.filter(({ device }) => checkouts.has(device.id))
  if (hit.length === 0) return []
  const intruder = parties.find(({ device }) => !checkouts.has(device.id))
  return cause([condition], {
    faultClass: 'ip-conflict',
    rootId: condition.subject,
    ...rootDevice(intruder),
    rootRole: rules['ip-conflict'].rootRole,
    affected: hit.map(({ device }) => device.id),
    reasons: [
      reason(condition, `Address ${condition.subject} is answered for by ${[...macs].join(' and ')}`),
    ],
  })
}

function deviceByAddress(state: LocationState, address: string): DeviceFacts | undefined {
  return state.devices.find(({ device }) => device.ips.includes(address))
}

function rootDevice(facts: DeviceFacts | undefined): { rootDeviceId?: string } {
  return facts === undefined ? {} : { rootDeviceId: facts.device.id }
}

/** Why: what it says, with the evidence, since when it stands so. */
export function reason(standing: Standing, what: string): ReasonFacts {
  return { atMs: standing.sinceMs, text: standing.evidence === '' ? what : `${what}: ${standing.evidence}` }
}

/** A cause made of standings that all point to the same root; none without a standing. */
function cause(
  standings: readonly Standing[],
  parts: {
    faultClass: FaultClass
    rootId: string
    rootDeviceId?: string
    rootRole: string
    affected: readonly string[]
    hasLostCarrier?: boolean
    severity?: Severity
    holdMs?: number
    reasons: readonly ReasonFacts[]
  },
): Cause[] {
  const cues = standings.flatMap(({ cue }) => (cue === null ? [] : [cue]))
  const cue = firstCue(cues)
  if (cue === null) return []
  return [
    {
      hasLostCarrier: false,
      ...parts,
      startedAtMs: Math.min(...standings.map(({ sinceMs }) => sinceMs)),
      cue,
      cues,
      canRaise: standings.some(({ isFresh }) => isFresh),
      silent: [],
    },
  ]
}
