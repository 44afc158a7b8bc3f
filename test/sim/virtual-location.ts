import type { MonotonicMs } from '@proactive/shared'
import type { DhcpHeard, Scheduler, Stop } from '../../agent/src/ports/index.ts'
import { type Effects, effectsOf } from '../lab/effects.ts'
import { createFaultBoard, type FaultBoard } from '../lab/fault-board.ts'
import type { LabStatus } from '../lab/protocol.ts'
import { conflictDevice, createTopology, type LabNode, newDevice } from '../lab/topology.ts'

/** One machine of the Location as it stands now. */
export interface VirtualNode {
  readonly spec: LabNode
  /** The node at the other end of its cable; the router's cable leads to the provider. */
  readonly hangsOn: string
  isOn: boolean
  /** Pulled while it moves to another port. */
  isMoving: boolean
  isAsleep: boolean
  address: string | undefined
  bootedAtMono: MonotonicMs
}

export interface LocationTiming {
  /** How long `router-reboot`, `pos-restart` and the gap of `roam` last. */
  readonly rebootMs: number
  readonly restartMs: number
  readonly roamMs: number
  /** How long the line needs after the router or its cable came back. */
  readonly lineTrainingMs: number
}

/** As in the lab. */
export const labTiming: LocationTiming = {
  rebootMs: 15_000,
  restartMs: 8_000,
  roamMs: 2_000,
  lineTrainingMs: 0,
}

/** What the appliance would notice by itself. */
export interface LocationListener {
  /** Carrier of the appliance's own ports, or its address, may have changed. */
  onLinks?(): void
  /** A DHCP client's broadcast passed the appliance. */
  onDhcp?(heard: DhcpHeard): void
  /** A node lost or got power. */
  onPower?(node: string, isOn: boolean): void
}

/** The Location of `test/lab` in memory: the same nodes, cables, addresses and faults, in real or virtual time. */
export interface VirtualLocation {
  readonly hasBackupUplink: boolean
  readonly faults: FaultBoard
  effects(): Effects
  node(name: string): VirtualNode | undefined
  nodes(): readonly VirtualNode[]
  /** Whether frames get from the appliance's LAN port to the router's bridge. */
  isApplianceOnLan(): boolean
  /** Whether frames get from the router's bridge to this node and back. */
  isOnLan(name: string): boolean
  /** Carrier of the router's WAN port. */
  hasWanLink(): boolean
  /** Whether packets cross the WAN link at all (its loss apart). */
  isLineUp(): boolean
  /** Grows with every change; for whoever keeps something worked out from the state. */
  version(): number
  /** Something outside the faults changed (the quality of a link): what was worked out holds no more. */
  stir(): void
  /** The device gets another address at its next request, as when a lease was lost. */
  renumber(name: string): void
  /** Whether the internet has a way to the cloud; all else of it works. */
  isCloudReachable(): boolean
  setCloudReachable(isReachable: boolean): void
  /** True time (monotonic) of the last change. */
  changedAtMono(): MonotonicMs
  status(): LabStatus
  listen(listener: LocationListener): Stop
}

/** udhcpc as the lab runs it: ten tries a second apart, then a pause. */
const dhcpTries = 10
const dhcpRetryMs = 1_000
const dhcpPauseMs = 20_000
const dhcpAnswerMs = 40

export function createVirtualLocation(options: {
  readonly scheduler: Scheduler
  readonly hasBackupUplink: boolean
  readonly timing?: Partial<LocationTiming>
  readonly onFailed?: (cause: unknown) => void
}): VirtualLocation {
  const { scheduler, hasBackupUplink } = options
  const timing = { ...labTiming, ...options.timing }
  const listeners = new Set<LocationListener>()
  const nodes = new Map<string, VirtualNode>()
  const dhcpRunByNode = new Map<string, number>()
  const topology = createTopology({ hasBackupUplink })
  const farEnd = new Map(topology.cables.map(({ near, far }) => [near.node, far.node]))
  let current = effectsOf([])
  let version = 0
  let changedAtMono: MonotonicMs = 0
  let lineUpAtMono: MonotonicMs = 0
  let isCloudReachable = true
  const saltByNode = new Map<string, number>()

  for (const spec of topology.nodes) {
    // The appliance has two cables; its LAN port counts here.
    addNode(spec, spec.name === 'appliance' ? 'router' : (farEnd.get(spec.name) ?? ''))
  }

  function addNode(spec: LabNode, hangsOn: string): VirtualNode {
    const address = spec.addressing.address?.split('/')[0]
    const node: VirtualNode = {
      spec,
      hangsOn,
      isOn: true,
      isMoving: false,
      isAsleep: false,
      address,
      bootedAtMono: scheduler.monotonicMs(),
    }
    nodes.set(spec.name, node)
    return node
  }

  /** Whether a node's own port sees a living neighbor at the other end. */
  function hasCarrier(name: string): boolean {
    const node = nodes.get(name)
    if (node === undefined || !node.isOn || node.isMoving || current.unplugged.has(name)) return false
    const far = nodes.get(node.hangsOn)
    return far === undefined || far.isOn
  }

  const isApplianceOnLan = () => hasCarrier('appliance')

  function isOnLan(name: string): boolean {
    const node = nodes.get(name)
    if (node === undefined || node.isAsleep) return false
    if (name === 'router') return node.isOn
    if (!hasCarrier(name)) return false
    return node.hangsOn === 'router' || (node.hangsOn === 'switch' && hasCarrier('switch'))
  }

  const hasWanLink = () => hasCarrier('router')
  const isLineUp = () => hasWanLink() && scheduler.monotonicMs() >= lineUpAtMono && !current.isProviderSilent

  function changed(): void {
    version++
    changedAtMono = scheduler.monotonicMs()
    for (const listener of listeners) listener.onLinks?.()
  }

  function hear(node: VirtualNode, messageType: DhcpHeard['messageType']): void {
    if (!isApplianceOnLan() || node.spec.name === 'appliance') return
    const { spec, address } = node
    const heard: DhcpHeard = {
      mac: spec.mac,
      messageType,
      hostname: spec.name,
      ...(spec.addressing.kind === 'dhcp' && spec.addressing.vendorClass !== ''
        ? { vendorClass: spec.addressing.vendorClass }
        : {}),
      ...(address === undefined || messageType !== 'request'
        ? {}
        : { requestedIp: address, serverId: '192.168.77.1' }),
    }
    for (const listener of listeners) listener.onDhcp?.(heard)
  }

  /** Asks for an address until there is one, as a device does when it boots or its link comes back. */
  function askForAddress(node: VirtualNode): void {
    if (node.spec.addressing.kind !== 'dhcp') return
    const { name } = node.spec
    const run = (dhcpRunByNode.get(name) ?? 0) + 1
    dhcpRunByNode.set(name, run)
    const isStillAsking = () =>
      dhcpRunByNode.get(name) === run && nodes.get(name) === node && hasCarrier(name)
    let tries = 0
    const ask = () => {
      if (!isStillAsking()) return
      tries++
      if (isOnLan(name)) hear(node, 'discover')
      const isServed = isOnLan(name) && nodes.get('router')?.isOn === true && !current.isDhcpDown
      if (isServed) {
        scheduler.after(dhcpAnswerMs, () => {
          if (!isStillAsking()) return
          const salt = saltByNode.get(name)
          node.address = (salt === undefined ? node.spec.addressing.address : undefined) ?? poolAddress(node)
          hear(node, 'request')
          changed()
        })
        return
      }
      scheduler.after(tries % dhcpTries === 0 ? dhcpPauseMs : dhcpRetryMs, ask)
    }
    ask()
  }

  /** An address of the router's pool (.100–.199), the same for the same MAC as long as it is free, as dnsmasq does it. */
  function poolAddress(node: VirtualNode): string {
    const taken = new Set([...nodes.values()].map(({ address }) => address))
    let host = saltByNode.get(node.spec.name) ?? 0
    for (const char of node.spec.mac) host = (host * 31 + char.charCodeAt(0)) % 100
    while (taken.has(`192.168.77.${100 + host}`)) host = (host + 1) % 100
    return `192.168.77.${100 + host}`
  }

  function tellPower(name: string, isOn: boolean): void {
    for (const listener of listeners) listener.onPower?.(name, isOn)
  }

  function move(node: VirtualNode): void {
    node.isMoving = true
    scheduler.after(timing.roamMs, () => {
      node.isMoving = false
      changed()
      if (hasCarrier(node.spec.name)) askForAddress(node)
    })
  }

  function settleGuests(next: Effects): VirtualNode[] {
    const wanted = new Map(
      [...[...next.newcomers].map(newDevice), ...[...next.conflicts].map(conflictDevice)].map(
        ({ node, cable }) => [node.name, { node, hangsOn: cable.far.node }],
      ),
    )
    for (const name of nodes.keys()) {
      if (isGuest(name) && !wanted.has(name)) nodes.delete(name)
    }
    return [...wanted.values()].flatMap(({ node, hangsOn }) =>
      nodes.has(node.name) ? [] : [addNode(node, hangsOn)],
    )
  }

  function apply(next: Effects): void {
    const names = [...nodes.keys()]
    const hadCarrier = new Set(names.filter(hasCarrier))
    const before = current
    const wasLine = hasWanLink()
    current = next
    const arrived = settleGuests(next)
    const asking = new Set(arrived)
    const lostPower: VirtualNode[] = []
    const gotPower: VirtualNode[] = []
    for (const node of nodes.values()) {
      const { name } = node.spec
      const isOn = !next.poweredOff.has(name)
      if (node.isOn && !isOn) {
        lostPower.push(node)
        if (node.spec.addressing.kind === 'dhcp') node.address = undefined
      }
      if (!node.isOn && isOn) {
        gotPower.push(node)
        asking.add(node)
        node.bootedAtMono = scheduler.monotonicMs()
        if (node.spec.addressing.kind === 'static') node.address = node.spec.addressing.address.split('/')[0]
      }
      node.isOn = isOn
      node.isAsleep = next.asleep.has(name)
      if (next.moved.has(name) !== before.moved.has(name)) move(node)
    }
    for (const node of nodes.values()) {
      const { name } = node.spec
      if (hasCarrier(name) && !hadCarrier.has(name)) asking.add(node)
    }
    if (!wasLine && hasWanLink() && timing.lineTrainingMs > 0) {
      lineUpAtMono = scheduler.monotonicMs() + timing.lineTrainingMs
      scheduler.after(timing.lineTrainingMs, changed)
    }
    for (const node of lostPower) tellPower(node.spec.name, false)
    changed()
    for (const node of asking) if (node.isOn) askForAddress(node)
    for (const node of gotPower) tellPower(node.spec.name, true)
  }

  const faults = createFaultBoard({
    apply: async (effects) => apply(effects),
    durationMs: ({ name }) =>
      name === 'router-reboot' ? timing.rebootMs : name === 'pos-restart' ? timing.restartMs : undefined,
    onPassed: () => undefined,
    onFailed: options.onFailed ?? ((cause) => Promise.reject(cause)),
    nowMs: () => scheduler.nowMs(),
    after: (delayMs, task) => scheduler.after(delayMs, task),
  })

  return {
    hasBackupUplink,
    faults,
    effects: () => current,
    node: (name) => nodes.get(name),
    nodes: () => [...nodes.values()],
    isApplianceOnLan,
    isOnLan,
    hasWanLink,
    isLineUp,
    version: () => version,
    stir() {
      version++
      changedAtMono = scheduler.monotonicMs()
    },
    renumber(name) {
      const node = nodes.get(name)
      if (node === undefined || node.spec.addressing.kind !== 'dhcp') return
      saltByNode.set(name, (saltByNode.get(name) ?? 0) + 17)
      node.address = undefined
      changed()
      if (hasCarrier(name)) askForAddress(node)
    },
    isCloudReachable: () => isCloudReachable,
    setCloudReachable(next) {
      isCloudReachable = next
      changed()
    },
    changedAtMono: () => changedAtMono,
    status: () => ({
      nodes: [...nodes.values()].map(({ spec, address, isOn, isAsleep }) => ({
        name: spec.name,
        role: spec.role,
        mac: spec.mac,
        address: address ?? null,
        isOn,
        isAsleep,
      })),
      faults: faults.list(),
      processes: [],
    }),
    listen(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

function isGuest(name: string): boolean {
  return /^(new|conflict)-/.test(name)
}
