import type {
  Command,
  CommandAction,
  CommandActionName,
  CommandResult,
  Device,
  Evidence,
} from '@proactive/shared'
import { toShortText } from '@proactive/shared'
import { isInsideAny } from '../core/networks.ts'
import type { PingNow } from '../ports/index.ts'
import { profileOf } from '../rules/profiles.ts'
import { evidenceOf, type WallClock, type WatchContext } from '../watch/context.ts'
import { isAnswer } from '../watch/dns-watch.ts'
import type { Links } from '../watch/links.ts'

export interface CommandDeps {
  readonly links: Links
  readonly wall: WallClock
  readonly pingNow: PingNow
  readonly community: string | undefined
  readonly probe: (
    deviceId: string,
  ) => Promise<{ readonly isThere: boolean; readonly evidence: readonly Evidence[] }>
  readonly sweep: () => Promise<number>
  /** First hops and the like: targets that are watched anyway. */
  readonly watchedIps: () => readonly string[]
}

type Outcome = CommandResult['outcome']

/** Carries out what the cloud asks, one of a kind at a time, within its budget; only towards what the agent may look at anyway. */
export type CommandRunner = (command: Command, answer: (result: CommandResult) => void) => void

export function createCommandRunner(context: WatchContext, deps: CommandDeps): CommandRunner {
  const { scheduler, resolver, connector, snmp, echo, inventory, log } = context
  const { links, wall } = deps
  const running = new Set<CommandActionName>()

  const plan = () => context.plan()

  /** The address behind a target where the agent may talk to it; else why not. */
  async function reach(target: string): Promise<{ ip: string; device?: Device } | { reason: string }> {
    const isListed =
      plan().internetTargets.includes(target) ||
      plan().payPaths.some(({ host }) => host === target) ||
      deps.watchedIps().includes(target)
    if (/^\d+\.\d+\.\d+\.\d+$/.test(target)) {
      if (!isListed && !isInsideAny(plan().networks, target))
        return { reason: `${target} is neither in this Location's networks nor on the probe list` }
      const device = inventory.byIp(target)
      return { ip: target, ...(device === undefined ? {} : { device }) }
    }
    if (!isListed) return { reason: `${target} is not on the probe list` }
    const server = links.uplinks()[0]?.resolvers[0]
    if (server === undefined) return { reason: 'no resolver is known' }
    const outcome = await resolver.lookup(target, { server, timeoutMs: 1_500 })
    if (outcome.kind === 'answer' && outcome.addresses[0] !== undefined) return { ip: outcome.addresses[0] }
    return { reason: `${target} does not resolve` }
  }

  async function carryOut(request: CommandAction, budgetMs: number): Promise<Outcome> {
    switch (request.action) {
      case 'ping': {
        const to = await reach(request.target)
        if ('reason' in to) return refused(to.reason)
        const name = to.device === undefined ? 'other' : profileOf(to.device).class
        if (!context.budget.take(name, request.count))
          return refused('the probe budget of this device class is used up')
        const rttsMs = await deps.pingNow.ping(to.ip, {
          count: request.count,
          timeoutMs: Math.min(1_000, budgetMs),
        })
        const answered = rttsMs.some((rtt) => rtt !== null)
        return {
          status: 'ok',
          evidence: [evidenceOf('icmp', to.ip, answered ? 'reply' : 'timeout', wall())],
          rttsMs: [...rttsMs],
        }
      }
      case 'probe': {
        if (inventory.byId(request.deviceId) === undefined) return refused('no such device here')
        const { evidence } = await deps.probe(request.deviceId)
        return { status: 'ok', evidence: [...evidence] }
      }
      case 'dns':
        return askDns(request.name, request.resolver)
      case 'tcp': {
        const to = await reach(request.target)
        if ('reason' in to) return refused(to.reason)
        if (!isPortAllowed(request.target, request.port, to.device))
          return refused(`port ${request.port} is not in this device's profile`)
        const outcome = await connector.connect(to.ip, request.port, { timeoutMs: Math.min(3_000, budgetMs) })
        const isOpen = outcome.kind === 'connected'
        const detail = isOpen ? `${Math.round(outcome.tookMs)} ms` : outcome.detail
        const answer = outcome.kind === 'connected' ? 'reply' : outcome.kind
        return {
          status: 'ok',
          evidence: [evidenceOf('tcp', `${request.target}:${request.port}`, answer, wall(), detail)],
        }
      }
      case 'snmp-get':
        return askSnmp(request.target, request.oids, budgetMs)
      case 'rescan': {
        const found = await deps.sweep()
        return {
          status: 'ok',
          evidence: [],
          lines: [`${found} addresses answered, ${inventory.devices().length} devices known`],
        }
      }
      case 'traceroute':
        return trace(request.target, request.maxHops, budgetMs)
      case 'watch':
      case 'speed':
        return refused('not supported by this version')
    }
  }

  async function askDns(name: string, wanted: string | undefined): Promise<Outcome> {
    const own = links.uplinks().flatMap(({ resolvers }) => resolvers)
    const server = wanted ?? own[0]
    if (server === undefined) return refused('no resolver is known')
    if (!own.includes(server) && !deps.watchedIps().includes(server) && !isInsideAny(plan().networks, server))
      return refused(`${server} is not a resolver of this Location`)
    const outcome = await resolver.lookup(name, { server, timeoutMs: 2_000 })
    const detail = isAnswer(outcome) ? `${Math.round(outcome.tookMs)} ms` : outcome.detail
    return {
      status: 'ok',
      evidence: [evidenceOf('dns', server, isAnswer(outcome) ? 'reply' : outcome.kind, wall(), detail)],
      lines: outcome.kind === 'answer' ? outcome.addresses.slice(0, 16).map((ip) => `${name} ${ip}`) : [],
    }
  }

  async function askSnmp(target: string, oids: readonly string[], budgetMs: number): Promise<Outcome> {
    if (deps.community === undefined) return refused('no SNMP community is set on this appliance')
    const to = await reach(target)
    if ('reason' in to) return refused(to.reason)
    if (to.device === undefined || !profileOf(to.device).mayAskSnmp)
      return refused(`${target} may not be asked by SNMP`)
    if (!context.budget.take(profileOf(to.device).class, 1))
      return refused('the probe budget of this device class is used up')
    const timeoutMs = Math.min(2_000, budgetMs)
    const outcome = await snmp.get(to.ip, oids, { community: deps.community, timeoutMs, retries: 0 })
    if (outcome.kind === 'timeout') return { status: 'timeout' }
    if (outcome.kind === 'error') return { status: 'failed', reason: outcome.detail }
    return {
      status: 'ok',
      evidence: [evidenceOf('snmp', to.ip, 'reply', wall())],
      lines: [...outcome.values].map(([oid, value]) => toShortText(`${oid} = ${value}`, 200)),
    }
  }

  async function trace(target: string, maxHops: number, budgetMs: number): Promise<Outcome> {
    const to = await reach(target)
    if ('reason' in to) return refused(to.reason)
    const endMono = scheduler.monotonicMs() + budgetMs - 1_500
    const lines: string[] = []
    for (let hops = 1; hops <= maxHops && scheduler.monotonicMs() < endMono; hops++) {
      const hop = await echo.hop(to.ip, { hops, timeoutMs: 1_000 })
      lines.push(`${hops} ${hop ?? '*'}`)
      if (hop === to.ip) break
    }
    return { status: 'ok', evidence: [], lines }
  }

  /** Ports of the device's profile, its own service port, and the doors of payment paths. */
  function isPortAllowed(target: string, port: number, device: Device | undefined): boolean {
    if (plan().payPaths.some((path) => path.host === target && path.port === port)) return true
    if (device === undefined) return false
    const servicePort = plan().devices.find(({ deviceId }) => deviceId === device.id)?.servicePort
    return servicePort === port || profileOf(device).ports.includes(port)
  }

  return (command, answer) => {
    const { action } = command.request
    let isAnswered = false
    const end = (outcome: Outcome) => {
      if (isAnswered) return
      isAnswered = true
      answer({ v: 1, commandId: command.id, seq: 0, isFinal: true, outcome })
    }
    // The fault core's probes run side by side, one per device; people's tools one of a kind.
    if (action !== 'probe') {
      if (running.has(action)) {
        end(refused(`another ${action} is running; try again in a moment`))
        return
      }
      running.add(action)
    }
    log.info({ action, auditId: command.auditId }, 'carrying out a command')
    const stopDeadline = scheduler.after(command.budgetMs, () => end({ status: 'timeout' }))
    void carryOut(command.request, command.budgetMs)
      .catch((err: unknown): Outcome => {
        log.warn({ err, action }, 'a command failed')
        return {
          status: 'failed',
          reason: toShortText(err instanceof Error ? err.message : String(err), 200),
        }
      })
      .then((outcome) => {
        stopDeadline()
        running.delete(action)
        end(outcome)
      })
  }
}

function refused(reason: string): Outcome {
  return { status: 'refused', reason: toShortText(reason, 200) }
}
