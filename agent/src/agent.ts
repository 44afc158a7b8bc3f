import type { AgentConfig, Birth, Change, Desired, Reported, Seen } from '@proactive/shared'
import { createAliases } from './core/aliases.ts'
import { createBudget } from './core/budget.ts'
import { type Granted, grant, isNamedOnSite, type LocalSettings } from './core/grant.ts'
import { whyClaimAnew } from './core/certificate-end.ts'
import { createInventory } from './core/inventory.ts'
import { whyNotOutside } from './core/outside.ts'
import { downTimeMs, judgePreviousEnd } from './core/previous-run.ts'
import { createPulse } from './core/pulse.ts'
import { createPublicAddresses } from './core/public-address.ts'
import { recentHistory } from './core/recent-history.ts'
import { lookAtClock, nextBootEpoch, type Timeline, wallMs } from './core/timeline.ts'
import type { AgentDeps, AgentStatus } from './agent-deps.ts'
import { createRecorder, parseAlive } from './delivery/recorder.ts'
import { createSender } from './delivery/sender.ts'
import { createSession } from './delivery/session.ts'
import type { SnmpAccess, Stop } from './ports/index.ts'
import { createCommandRunner } from './remote/commands.ts'
import { createWish } from './remote/wish.ts'
import { agentVersion } from './version.ts'
import { createApplianceRow } from './watch/appliance.ts'
import { startBoardWatch } from './watch/board-watch.ts'
import { evidenceOf, type WallClock, type WatchContext, type WatchPlan } from './watch/context.ts'
import { createInterfaceList } from './watch/interface-list.ts'
import { createTargets } from './watch/targets.ts'
import { createWatches } from './watch/watches.ts'

/** The on-site agent: finds devices, watches them, keeps what it saw until the cloud has it. */
export interface Agent {
  start(): Promise<void>
  /** Says goodbye, writes what is due; safe to call twice. */
  stop(reason: 'shutdown' | 'update' | 'revoked'): Promise<void>
  status(): AgentStatus
  /** Work that is not done long after it should be; undefined = all goes on. */
  stuck(): string | undefined
  /** Looks for devices now; resolves with how many addresses answered. */
  sweep(): Promise<number>
}

const clockCheckMs = 5_000

/** Puts the agent together. All of the world comes in by `deps`; nothing here or below touches a socket, a file or a clock. */
export function createAgent(deps: AgentDeps): Agent {
  const { settings, scheduler, spool, log, journal } = deps
  const startedAtMono = scheduler.monotonicMs()
  let timeline: Timeline = {
    state: deps.clockTrust.isTrusted() ? 'synced' : 'unsynced',
    offsetMs: scheduler.nowMs() - startedAtMono,
  }
  const wall: WallClock = (atMono = scheduler.monotonicMs()) => wallMs(timeline, atMono)

  const bootId = journal.bootId()
  const previous = journal.previous()
  const bootEpoch = nextBootEpoch(previous?.bootEpoch, scheduler.nowMs())
  const aliases = createAliases({
    lastOrdinal: previous?.lastAlias ?? 0,
    onTaken: () => writeRun(false),
  })
  const writeRun = (isClean: boolean) =>
    journal.write({ bootEpoch, bootId, isClean, lastAlias: aliases.lastOrdinal() })

  const local: LocalSettings = settings
  const wish = createWish({
    ...{ scheduler, log, agentVersion },
    fact: spool.fact,
    remember: (key, value) => recorder.remember(key, value),
    flush: () => recorder.flush(),
    apply: regrant,
  })
  let granted = firstGrant()
  let snmpAccess: SnmpAccess | undefined = accessOnSite(deps)
  const plan = (): WatchPlan => granted.config

  /** Devices forgotten in this run, as long as rows may bear their numbers. */
  const retired = new Map<number, NonNullable<Birth['retired']>[number]>()
  const pulse = createPulse(() => scheduler.monotonicMs())
  const recorder = createRecorder({
    spool,
    scheduler,
    log,
    bootEpoch,
    timeline: () => timeline,
    applianceRow: () => applianceRow(),
    ordinalOf: aliases.ordinalOf,
    watch: pulse.watch,
    onWritten({ closedWindow, isEmpty }) {
      if (closedWindow) aliases.windowClosed()
      if (isEmpty) aliases.spoolEmpty()
    },
    isLiveOpen: () => sender.isLiveOpen(),
    onRecorded: () => sender.pump(),
  })
  const applianceRow = createApplianceRow({ health: deps.health, spool, recorder, log })
  const inventory = createInventory(
    {
      nextAlias: aliases.take,
      retireAlias(alias, { id, role }) {
        aliases.retire(alias)
        retired.set(alias, { alias, id, role })
      },
      nowMono: () => scheduler.monotonicMs(),
      clock: () => timeline.state,
      wall,
      isPresent: (id) => watches.isPresent(id),
    },
    spool.fact('inventory'),
  )
  const targets = createTargets({
    nextAlias: aliases.take,
    retireAlias: aliases.retire,
    saved: spool.fact('targets'),
    onNew: (saved) => {
      recorder.remember('targets', saved)
      session.announce()
    },
  })
  const interfaces = createInterfaceList({
    nextAlias: aliases.take,
    retireAlias: aliases.retire,
    saved: spool.fact('interfaces'),
    onChange: (saved) => {
      recorder.remember('interfaces', saved)
      session.announce()
    },
  })
  const publicAddresses = createPublicAddresses(spool.fact('publicAddresses'))
  for (const { alias } of [...inventory.devices(), ...targets.list(), ...interfaces.list()])
    aliases.keep(alias)
  const context: WatchContext = {
    scheduler,
    log,
    lan: deps.lan,
    echo: deps.echo,
    arp: deps.arp,
    resolver: deps.resolver,
    connector: deps.connector,
    snmp: deps.snmp,
    inventory,
    budget: createBudget(() => scheduler.monotonicMs()),
    pulse,
    plan,
    whyNotOutside: (host, ip) =>
      whyNotOutside(ip, {
        ownNetworks: [...plan().networks, ...watches.attachedNetworks()],
        isNamedOnSite: isNamedOnSite(local, host),
      }),
    sample: (sample) => recorder.sample(sample),
    observe: (change, atMono) => recorder.observe(change, atMono),
    remember: (key, value) => recorder.remember(key, value),
    recall: (key) => spool.fact(key),
    targetAlias: targets.alias,
    interfaces,
    announce: () => session.announce(),
  }
  const sender = createSender({
    spool,
    scheduler,
    random: deps.random,
    log,
    onAcknowledged: (id) => recorder.acknowledged(id),
    onHeldBack: () => session.hurry(),
    flush: () => recorder.flush(),
  })
  const watches = createWatches(context, {
    settings,
    snmpAccess: () => snmpAccess,
    dhcp: deps.dhcp,
    announcements: deps.announcements,
    arpEars: deps.arpEars,
    readDocument: deps.readDocument,
    wall,
    onStanding: () => session.reconsider(),
    onLinks: linksChanged,
  })
  const session = createSession({
    link: deps.cloudLink,
    sender,
    scheduler,
    random: deps.random,
    log,
    bootEpoch,
    birth,
    ordinalOf: aliases.ordinalOf,
    uplinks: () => watches.standings(),
    routeOf: (uplinkId) => watches.routeOf(uplinkId),
    onDesired: applyDesired,
    onSeen: takePublicAddress,
    onCommand: createCommandRunner(context, {
      ...watches.commandTools,
      wall,
      pingNow: deps.pingNow,
      snmpAccess: () => snmpAccess,
      speed: { meter: deps.speedMeter, url: settings.speedUrl },
    }),
    onConnection: (state) => watches.cloudChanged(state.isConnected),
  })
  let stops: Stop[] = []
  let isRegranted = false
  let isStarted = false
  let isStopped = false

  function birth(): Birth {
    for (const alias of retired.keys()) if (!aliases.isResting(alias)) retired.delete(alias)
    return {
      v: 1,
      bootEpoch,
      atMs: wall(),
      clock: timeline.state,
      agentVersion,
      ...(deps.hardware === undefined ? {} : { hardware: deps.hardware }),
      networks: [...plan().networks],
      uplinks: publicAddresses.addedTo(watches.birthUplinks()),
      desiredVersion: wish.current()?.version ?? 0,
      devices: [...inventory.devices()],
      targets: [...targets.list()],
      ...(interfaces.list().length === 0 ? {} : { interfaces: [...interfaces.list()] }),
      ...(retired.size === 0 ? {} : { retired: [...retired.values()].slice(-256) }),
    }
  }

  /** Until the LAN was looked at; what was wanted before is put in force, or refused, after that. */
  function firstGrant(): Granted {
    try {
      return grant(local, wish.current()?.config, [])
    } catch {
      return grant(local, undefined, [])
    }
  }

  function applyDesired(wanted: Desired): Reported {
    wish.take(wanted)
    recorder.flush()
    const version = wish.current()?.version ?? 0
    if (version === wanted.version)
      log.info({ version, refused: refused().length }, 'the wanted configuration is in force')
    return { v: 1, version, config: granted.config, refused: refused() }
  }

  const refused = () => [...wish.refused(), ...granted.refused].slice(0, 64)

  /** The cloud sees this way out come from there; nobody else is asked. */
  function takePublicAddress({ address }: Seen, uplinkId: string): void {
    const news = publicAddresses.seen(uplinkId, address)
    if (news === undefined) return
    recorder.remember('publicAddresses', publicAddresses.serialize())
    session.announce()
    const { before, after } = news
    if (before === undefined) return
    log.info({ uplinkId, before, after }, 'the public address changed')
    const evidence = [evidenceOf('tcp', 'cloud', 'changed', wall(), `seen from ${after}, before ${before}`)]
    context.observe({ type: 'public-address-changed', uplinkId, before, after, evidence })
  }

  function regrant(config: AgentConfig | undefined): void {
    isRegranted = true
    granted = withSecrets(grant(local, config, watches.attachedNetworks()))
    inventory.override(plan().devices)
    recorder.setWindowSeconds(plan().telemetrySeconds)
    watches.planChanged()
    session.announce()
  }

  /** An address may come late (DHCP): what the cloud wanted is held against the networks that the appliance is attached to now. */
  function linksChanged(): void {
    const { networks } = grant(local, wish.current()?.config, watches.attachedNetworks()).config
    // A network is not given up with its cable: then its devices are missed, not forgotten.
    if (!isRegranted || networks.every((network) => granted.config.networks.includes(network))) return
    log.info({ networks }, 'the networks that may be looked at changed')
    wish.again()
    watches.sweep().catch((err: unknown) => log.warn({ err }, 'a sweep did not end well'))
  }

  /** The cloud's community, or its user of v3, comes sealed to this appliance's key; what was set on site holds where it cannot be opened. */
  function withSecrets(next: Granted): Granted {
    const sealed = next.sealedSnmpCommunity
    const opened = sealed === undefined ? undefined : deps.openSealed?.(sealed)
    snmpAccess = opened ?? accessOnSite(deps)
    if (sealed === undefined || opened !== undefined) return next
    const reason = 'it is not sealed to this appliance: seal it anew to its present certificate'
    return { ...next, refused: [...next.refused, { path: 'sealedSnmpCommunity', reason }].slice(-64) }
  }

  function claimAnew(): string | null {
    const endsAtMs = deps.certificateEndMs?.()
    return (endsAtMs === undefined ? undefined : whyClaimAnew(endsAtMs, scheduler.nowMs())) ?? null
  }

  function checkClock(): void {
    const now = {
      wallMs: scheduler.nowMs(),
      monoMs: scheduler.monotonicMs(),
      isTrusted: deps.clockTrust.isTrusted(),
      lastSyncMs: deps.clockTrust.lastSyncMs?.(),
    }
    // Times that this run's clock told until now; the margin is for rounding.
    const told = { fromMs: wall(startedAtMono) - 1_000, toMs: wall() + 1_000 }
    const look = lookAtClock(timeline, now)
    const wasUnsynced = timeline.state === 'unsynced'
    timeline = look.timeline
    if (!look.isTold) return
    const isNowSynced = wasUnsynced && timeline.state === 'synced'
    if (isNowSynced) {
      recorder.rebase(look.stepMs, told)
      inventory.rebase(look.stepMs)
    }
    log.info({ state: timeline.state, stepMs: look.stepMs }, 'the clock changed')
    const evidence = [evidenceOf('clock', 'wall clock', 'changed', wall(), `${look.stepMs} ms`)]
    context.observe({ type: 'clock-changed', state: timeline.state, stepMs: look.stepMs, evidence })
  }

  function tellStart(): void {
    const previousEnd = judgePreviousEnd(previous, bootId)
    const alive = parseAlive(spool.fact('alive'))
    const downMs = previous === undefined ? null : downTimeMs(alive, { atMs: wall(), clock: timeline.state })
    const change: Change = {
      type: 'agent-started',
      previousEnd,
      downMs,
      evidence: [
        evidenceOf('journal', 'previous run', previousEnd === 'clean' ? 'up' : 'down', wall(), previousEnd),
      ],
    }
    context.observe(change)
    log.info({ bootEpoch, previousEnd, downMs, agentVersion }, 'agent started')
    watches.startedAfter({ previousEnd, lastAliveMs: alive?.clock === 'synced' ? alive.atMs : null })
  }

  return {
    async start() {
      if (isStarted) return
      isStarted = true
      writeRun(false)
      inventory.override(plan().devices)
      recorder.setWindowSeconds(plan().telemetrySeconds)
      tellStart()
      stops.push(recorder.start({ wasClean: previous === undefined || previous.isClean }))
      stops.push(scheduler.every(clockCheckMs, checkClock))
      stops.push(startBoardWatch(context, { health: deps.health, clock: () => timeline.state }))
      const stopWatches = await watches.start()
      if (isStopped) {
        stopWatches()
        return
      }
      stops.push(stopWatches)
      wish.start()
      session.start()
    },
    async stop(reason) {
      if (isStopped) return
      isStopped = true
      for (const stop of stops.reverse()) stop()
      stops = []
      wish.stop()
      await recorder.finish()
      await session.stop(reason)
      recorder.flush()
      writeRun(true)
      spool.close()
      log.info({ reason }, 'agent stopped')
    },
    status: () => ({
      version: agentVersion,
      bootEpoch,
      clock: timeline.state,
      upSeconds: Math.round((scheduler.monotonicMs() - startedAtMono) / 1_000),
      connection: session.state(),
      claimAnew: claimAnew(),
      session: session.figures(),
      inFlight: sender.inFlight(),
      unsendable: sender.unsendable(),
      spool: spool.figures(),
      recorder: recorder.figures(),
      budget: context.budget.figures(),
      plan: granted.config,
      refused: refused(),
      desiredVersion: wish.current()?.version ?? 0,
      devices: inventory.devices(),
      inventory: inventory.figures(),
      history: recentHistory(inventory),
      publicAddresses: publicAddresses.list(),
      ...watches.status(),
    }),
    sweep: () => watches.sweep(),
    stuck: pulse.stuck,
  }
}

/** What opens the router's SNMP agent by the settings made on site; a user of v3 goes before a community. */
function accessOnSite({ snmpCommunity, snmpV3 }: AgentDeps): SnmpAccess | undefined {
  if (snmpV3 !== undefined) return { community: '', v3: snmpV3 }
  return snmpCommunity === undefined ? undefined : { community: snmpCommunity }
}
