import type { Command, CommandAction, CommandActionName, CommandResult, Device } from '@proactive/shared'
import { toShortText } from '@proactive/shared'
import { isInsideAny } from '../core/networks.ts'
import type { PingNow, SnmpAccess, SpeedMeter } from '../ports/index.ts'
import { profileOf } from '../rules/profiles.ts'
import { evidenceOf, type WallClock, type WatchContext } from '../watch/context.ts'
import { isAnswer } from '../watch/dns-watch.ts'
import type { CommandTools } from '../watch/watches.ts'
import { createLines, type Job, type Outcome, refused } from './job.ts'
import { watchLive } from './live-watch.ts'
import { budgetUsedUp, createReach } from './reach.ts'
import { createSpeedTest } from './speed.ts'

export interface CommandDeps extends CommandTools {
  readonly wall: WallClock
  readonly pingNow: PingNow
  /** undefined = SNMP is not set up. */
  readonly snmpAccess: () => SnmpAccess | undefined
  readonly speed: { readonly meter: SpeedMeter | undefined; readonly url: string | undefined }
}

/** Carries out what the cloud asks, one of a kind at a time, within its budget; only towards what the agent may look at anyway. */
export type CommandRunner = (command: Command, answer: (result: CommandResult) => void) => void

/** The answer needs this long to the cloud; tools that take their time end before. */
const homewardMs = 300
const pingPeriodMs = 1_000
/** Packets of one attempt to connect: SYN, ACK and the goodbye. */
const connectPackets = 4

export function createCommandRunner(context: WatchContext, deps: CommandDeps): CommandRunner {
  const { scheduler, resolver, connector, snmp, echo, inventory, budget, log, plan } = context
  const { links, wall } = deps
  const jobByAction = new Map<CommandActionName, { end(): void }>()
  const ownResolvers = () => links.uplinks().flatMap(({ resolvers }) => resolvers)
  const reach = createReach(context, {
    resolvers: ownResolvers,
    watchedIps: deps.watchedIps,
    attachedNetworks: () => links.attachedNetworks(),
  })
  const measureSpeed = createSpeedTest(context, { links, ...deps.speed })

  async function carryOut(request: CommandAction, job: Job): Promise<Outcome> {
    switch (request.action) {
      case 'ping':
        return ping(request.target, request.count, job)
      case 'probe': {
        if (inventory.byId(request.deviceId) === undefined) return refused('no such device here')
        const probed = await deps.presence.probe(request.deviceId)
        if (probed === undefined) return refused(budgetUsedUp.reason)
        return { status: 'ok', evidence: [...probed.evidence] }
      }
      case 'dns':
        return askDns(request.name, request.resolver)
      case 'tcp':
        return connect(request.target, request.port, job)
      case 'snmp-get':
        return askSnmp(request.target, request.oids, job)
      case 'rescan': {
        const lines = createLines(job)
        lines.add(`looking at ${plan().networks.join(', ')}`)
        const found = await deps.sweep()
        lines.add(`${found} addresses answered, ${inventory.devices().length} devices known`)
        return { status: 'ok', evidence: [], lines: lines.all.slice(-1) }
      }
      case 'traceroute':
        return trace(request.target, request.maxHops, job)
      case 'watch':
        return watchLive(context, deps, request, job)
      case 'speed':
        return measureSpeed(job)
    }
  }

  /** One echo a second, each told as it comes. */
  async function ping(target: string, count: number, job: Job): Promise<Outcome> {
    const to = await reach(target)
    if ('reason' in to) return refused(to.reason)
    if (!budget.takeSpare(to.budget, count)) return refused(budgetUsedUp.reason)
    const rttsMs: (number | null)[] = []
    while (rttsMs.length < count && !job.isOver() && job.leftMs() > 0) {
      const startedMono = scheduler.monotonicMs()
      const timeoutMs = Math.min(pingPeriodMs, job.leftMs())
      const [rtt = null] = await deps.pingNow.ping(to.ip, { count: 1, timeoutMs })
      rttsMs.push(rtt)
      job.tell({ rttsMs: [rtt] })
      const restMs = startedMono + pingPeriodMs - scheduler.monotonicMs()
      if (rttsMs.length < count && restMs > 0 && restMs < job.leftMs())
        await new Promise<void>((resolve) => void scheduler.after(restMs, resolve))
      else if (rttsMs.length < count && restMs >= job.leftMs()) break
    }
    const answer = rttsMs.some((rtt) => rtt !== null) ? 'reply' : 'timeout'
    return { status: 'ok', evidence: [evidenceOf('icmp', to.ip, answer, wall())], rttsMs }
  }

  async function connect(target: string, port: number, job: Job): Promise<Outcome> {
    const to = await reach(target)
    if ('reason' in to) return refused(to.reason)
    if (!isPortAllowed(target, port, to.device))
      return refused(`port ${port} is not in this device's profile`)
    if (!budget.takeSpare(to.budget, connectPackets)) return refused(budgetUsedUp.reason)
    const outcome = await connector.connect(to.ip, port, { timeoutMs: Math.min(3_000, job.leftMs()) })
    const isOpen = outcome.kind === 'connected'
    const detail = isOpen ? `${Math.round(outcome.tookMs)} ms` : outcome.detail
    const answer = outcome.kind === 'connected' ? 'reply' : outcome.kind
    return { status: 'ok', evidence: [evidenceOf('tcp', `${target}:${port}`, answer, wall(), detail)] }
  }

  async function askDns(name: string, wanted: string | undefined): Promise<Outcome> {
    const server = wanted ?? ownResolvers()[0]
    if (server === undefined) return refused('no resolver is known')
    const device = inventory.byIp(server)
    const isKnown = ownResolvers().includes(server) || deps.watchedIps().includes(server)
    if (!isKnown && !isInsideAny(plan().networks, server))
      return refused(`${server} is not a resolver of this Location`)
    // A question on port 53 is a port that a terminal was never asked on.
    if (device !== undefined && profileOf(device).class === 'payment')
      return refused(`${server} is a payment terminal, no resolver`)
    const pays =
      device === undefined
        ? isInsideAny(plan().networks, server)
          ? 'other'
          : 'outside'
        : profileOf(device).class
    if (!budget.takeSpare(pays, 1)) return refused(budgetUsedUp.reason)
    const outcome = await resolver.lookup(name, { server, timeoutMs: 2_000 })
    const detail = isAnswer(outcome) ? `${Math.round(outcome.tookMs)} ms` : outcome.detail
    return {
      status: 'ok',
      evidence: [evidenceOf('dns', server, isAnswer(outcome) ? 'reply' : outcome.kind, wall(), detail)],
      lines: outcome.kind === 'answer' ? outcome.addresses.slice(0, 16).map((ip) => `${name} ${ip}`) : [],
    }
  }

  async function askSnmp(target: string, oids: readonly string[], job: Job): Promise<Outcome> {
    const access = deps.snmpAccess()
    if (access === undefined)
      return refused('no SNMP access is set on this appliance: set a community on site or from the cloud')
    const to = await reach(target)
    if ('reason' in to) return refused(to.reason)
    if (to.device === undefined || !profileOf(to.device).mayAskSnmp)
      return refused(`${target} may not be asked by SNMP`)
    const timeoutMs = Math.min(2_000, job.leftMs())
    const maySend = () => budget.takeSpare(to.budget, 1)
    const outcome = await snmp.get(to.ip, oids, { ...access, timeoutMs, retries: 0, maySend })
    if (outcome.kind === 'refused') return refused(budgetUsedUp.reason)
    if (outcome.kind === 'timeout') return { status: 'timeout' }
    if (outcome.kind === 'error') return { status: 'failed', reason: outcome.detail }
    return {
      status: 'ok',
      evidence: [evidenceOf('snmp', to.ip, 'reply', wall())],
      lines: [...outcome.values].map(([oid, value]) => toShortText(`${oid} = ${value}`, 200)),
    }
  }

  async function trace(target: string, maxHops: number, job: Job): Promise<Outcome> {
    const to = await reach(target)
    if ('reason' in to) return refused(to.reason)
    const lines = createLines(job)
    for (let hops = 1; hops <= maxHops && !job.isOver() && job.leftMs() > 1_000; hops++) {
      if (!budget.takeSpare(to.budget, 1)) {
        if (hops === 1) return refused(budgetUsedUp.reason)
        lines.add(budgetUsedUp.reason)
        break
      }
      const hop = await echo.hop(to.ip, { hops, timeoutMs: 1_000 })
      lines.add(`${hops} ${hop ?? '*'}`)
      if (hop === to.ip) break
    }
    return { status: 'ok', evidence: [], lines: [...lines.all] }
  }

  /** Ports of the device's profile, its own service port, and the doors of payment paths. */
  function isPortAllowed(target: string, port: number, device: Device | undefined): boolean {
    if (plan().payPaths.some((path) => path.host === target && path.port === port)) return true
    if (device === undefined) return false
    const servicePort = plan().devices.find(({ deviceId }) => deviceId === device.id)?.servicePort
    return servicePort === port || profileOf(device).ports.includes(port)
  }

  return (command, answer) => {
    const { request, id: commandId, auditId, budgetMs } = command
    const { action } = request
    let seq = 0
    let isOver = false
    let isAnswered = false
    const say = (outcome: Outcome, isFinal: boolean) => {
      if (isAnswered) return
      isAnswered = isFinal
      answer({ v: 1, commandId, seq: seq++, isFinal, outcome })
    }
    const running = jobByAction.get(action)
    // A newer look takes the place of an older one; every other tool is used by one person at a time.
    if (action === 'watch') running?.end()
    else if (running !== undefined) {
      say(refused(`another ${action} is running; try again in a moment`), true)
      return
    }
    const endMono = scheduler.monotonicMs() + budgetMs
    const job: Job = {
      leftMs: () => Math.max(0, endMono - homewardMs - scheduler.monotonicMs()),
      tell: ({ evidence = [], ...part }) => {
        if (!isOver) say({ status: 'ok', evidence, ...part }, false)
      },
      isOver: () => isOver,
    }
    const end = () => {
      isOver = true
    }
    const mine = { end }
    // The fault core's probes run side by side, one per device.
    if (action !== 'probe') jobByAction.set(action, mine)
    log.info({ action, auditId }, 'carrying out a command')
    const leave = () => {
      if (jobByAction.get(action) === mine) jobByAction.delete(action)
    }
    const stopDeadline = scheduler.after(budgetMs, () => {
      end()
      // One that never settles must not stand in the way of the next; two rounds over the whole network at once would be too many packets.
      if (action !== 'rescan') leave()
      say({ status: 'timeout' }, true)
    })
    void carryOut(request, job)
      .catch((err: unknown): Outcome => {
        log.warn({ err, action, auditId }, 'a command failed')
        return {
          status: 'failed',
          reason: toShortText(err instanceof Error ? err.message : String(err), 200),
        }
      })
      .then((outcome) => {
        stopDeadline()
        leave()
        say(outcome, true)
      })
  }
}
