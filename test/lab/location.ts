import { setTimeout as delay } from 'node:timers/promises'
import type { Effects, ProcessorMode } from './effects.ts'
import * as network from './network.ts'
import type { Service } from './program.ts'
import type { InternetConfig, Lease, Services } from './services.ts'
import { type Cable, conflictDevice, type LabNode, newDevice, type Topology } from './topology.ts'

/** The running Location: makes the network be what the effects of the faults say. Calls must not overlap. */
export interface Location {
  /** Builds everything; resolves once every device has its address. Returns how long each stage took, in ms. */
  build(): Promise<ReadonlyMap<string, number>>
  /** Changes what differs from the effects applied before; resolves once it is in force. */
  apply(next: Effects): Promise<void>
  nodes(): readonly LabNode[]
  /** The address a node has now, if any. */
  addressOf(node: string): string | undefined
  isOn(node: string): boolean
}

/** How long a booting device may wait for its address before the boot counts as done without it. */
const dhcpDeadlineMs = 4_000
const serviceDeadlineMs = 5_000

export function createLocation(options: {
  readonly topology: Topology
  readonly services: Services
  readonly internet: InternetConfig
  readonly initial: Effects
  readonly roamMs: number
  /** Told before power goes and after it came, so that programs under test end and start with their machine. */
  readonly onPower: (node: string, isOn: boolean) => Promise<void>
  readonly log: (line: string) => void
}): Location {
  const { topology, services, onPower, log } = options
  const nodeByName = new Map(topology.nodes.map((node) => [node.name, node]))
  const cableByName = new Map(topology.cables.map((cable) => [cable.name, cable]))
  const firstPort = new Map<string, string>()
  const addressByNode = new Map<string, string>()
  const clientByNode = new Map<string, Service>()
  const routerServices = new Map<string, Service>()
  let internetHosts: Service | undefined
  let current = options.initial

  const cables = () => [...cableByName.values()]
  const leases: readonly Lease[] = topology.nodes.flatMap(({ name, mac, addressing }) =>
    addressing.kind === 'dhcp' && addressing.address !== undefined
      ? [{ name, mac, address: addressing.address }]
      : [],
  )

  async function ready(name: string, service: Service): Promise<Service> {
    if (await service.isReady(serviceDeadlineMs)) return service
    throw new Error(`its ${name} did not start (${service.lastWords() || 'it said nothing'})`)
  }

  async function stop(service: Service | undefined): Promise<void> {
    service?.signal('SIGKILL')
    await service?.exited
  }

  /** Starts or stops what the router serves, as its power and the faults want it. */
  async function settleRouter(effects: Effects): Promise<void> {
    if (effects.poweredOff.has('router')) {
      routerServices.clear()
      return
    }
    if (effects.isDhcpDown) {
      await stop(routerServices.get('DHCP server'))
      routerServices.delete('DHCP server')
    }
    const wanted = new Map([
      ...(effects.isDhcpDown ? [] : [['DHCP server', () => services.dhcpServer(leases)] as const]),
      ['DNS server', () => services.dnsServer(leases)],
      ['SNMP agent', services.snmpAgent],
    ])
    await all(minus(wanted.keys(), routerServices), async (name) => {
      const service = wanted.get(name)?.()
      if (service !== undefined) routerServices.set(name, await ready(name, service))
    })
    // A hung resolver: questions are taken and stay unanswered.
    routerServices.get('DNS server')?.signal(effects.isDnsSilent ? 'SIGSTOP' : 'SIGCONT')
  }

  /** Asks for an address, as a device does when it boots or its link comes back. */
  async function askForAddress(node: LabNode, effects: Effects): Promise<void> {
    if (node.addressing.kind !== 'dhcp') return
    await stop(clientByNode.get(node.name))
    const client = services.dhcpClient(node, (address) => addressByNode.set(node.name, address))
    clientByNode.set(node.name, client)
    if (effects.isDhcpDown || effects.poweredOff.has('router') || !hasCarrier(node.name, effects)) return
    const isBehindSwitch = cableByName.get(node.name)?.far.node === 'switch'
    if (isBehindSwitch && !hasCarrier('switch', effects)) return
    if (!(await client.isReady(dhcpDeadlineMs))) log(`${node.name} got no address by DHCP`)
  }

  async function boot(node: LabNode, effects: Effects): Promise<void> {
    await network.powerOn(node, cables(), effects)
    if (node.addressing.kind === 'static')
      addressByNode.set(node.name, withoutPrefix(node.addressing.address))
    if (node.name === 'router') await settleRouter(effects)
    if (node.role === 'printer') services.printerPort(node.name)
  }

  async function powerOff(node: LabNode): Promise<void> {
    addressByNode.delete(node.name)
    clientByNode.delete(node.name)
    await onPower(node.name, false)
    await network.powerOff(node, cables())
  }

  function hasCarrier(node: string, effects: Effects): boolean {
    const cable = cableByName.get(node)
    if (cable === undefined) return false
    const { near, far, name } = cable
    return ![near.node, far.node].some((end) => effects.poweredOff.has(end)) && !effects.unplugged.has(name)
  }

  async function addGuest({ node, cable }: { node: LabNode; cable: Cable }): Promise<void> {
    nodeByName.set(node.name, node)
    cableByName.set(cable.name, cable)
    await network.attachNode(node, cable)
    if (node.addressing.kind === 'static')
      addressByNode.set(node.name, withoutPrefix(node.addressing.address))
  }

  async function removeGuest(name: string): Promise<void> {
    const cable = cableByName.get(name)
    if (cable === undefined) return
    await network.removeNode(name, cable)
    nodeByName.delete(name)
    cableByName.delete(name)
    addressByNode.delete(name)
    clientByNode.delete(name)
  }

  async function move(device: string, isMoved: boolean, effects: Effects): Promise<void> {
    const cable = cableByName.get(device)
    if (cable === undefined) return
    const home = firstPort.get(device) ?? cable.far.interface
    firstPort.set(device, home)
    const port = isMoved ? `${home}b` : home
    await network.plug(cable, false)
    await delay(options.roamMs)
    await network.movePort(
      cable.far,
      port,
      !effects.poweredOff.has('switch') && !effects.unplugged.has(device),
    )
    cableByName.set(device, { ...cable, far: { ...cable.far, interface: port } })
  }

  async function setProcessor(mode: ProcessorMode): Promise<void> {
    const isDone = internetHosts?.says(new RegExp(`^processor is ${mode}$`), serviceDeadlineMs)
    internetHosts?.tell(`processor ${mode}`)
    if (!(await isDone)) throw new Error(`the payment processor did not become ${mode}`)
    await network.setProcessorSilent(mode === 'silent')
  }

  async function apply(next: Effects): Promise<void> {
    const before = current
    current = next
    const guestsOf = (effects: Effects) =>
      new Map(
        [...[...effects.newcomers].map(newDevice), ...[...effects.conflicts].map(conflictDevice)].map(
          (guest) => [guest.node.name, guest],
        ),
      )
    const [oldGuests, newGuests] = [guestsOf(before), guestsOf(next)]
    await all(minus(oldGuests.keys(), newGuests), removeGuest)
    const arrived = minus(newGuests.keys(), oldGuests)
    await all(
      [...newGuests.values()].filter(({ node }) => arrived.includes(node.name)),
      addGuest,
    )

    const nodes = (names: readonly string[]) => names.flatMap((name) => nodeByName.get(name) ?? [])
    const hadCarrier = new Map([...nodeByName.keys()].map((name) => [name, hasCarrier(name, before)]))
    await all(nodes(minus(next.poweredOff, before.poweredOff)), powerOff)
    await all(minus(next.unplugged, before.unplugged), (name) => plugIfOn(name, false))
    await network.setWanDrops(next.wanLossRatio, next.isProviderSilent)
    if (next.processor !== before.processor) await setProcessor(next.processor)
    const booted = nodes(minus(before.poweredOff, next.poweredOff))
    await all(booted, (node) => boot(node, next))
    await all(minus(before.unplugged, next.unplugged), (name) => plugIfOn(name, true))
    const moved = [...minus(next.moved, before.moved), ...minus(before.moved, next.moved)]
    await all(moved, (name) => move(name, next.moved.has(name), next))
    await settleRouter(next)
    await network.muteDevices([...next.asleep].flatMap((name) => cableByName.get(name)?.far.interface ?? []))

    const isAsking = (node: LabNode) =>
      !next.poweredOff.has(node.name) &&
      (booted.includes(node) ||
        arrived.includes(node.name) ||
        moved.includes(node.name) ||
        (hasCarrier(node.name, next) && !hadCarrier.get(node.name)))
    await all([...nodeByName.values()].filter(isAsking), (node) => askForAddress(node, next))
    await all(booted, (node) => onPower(node.name, true))

    function plugIfOn(name: string, isPlugged: boolean): Promise<void> {
      const cable = cableByName.get(name)
      const isFarOn = cable !== undefined && !next.poweredOff.has(cable.far.node)
      return isFarOn ? network.plug(cable, isPlugged) : Promise.resolve()
    }
  }

  return {
    async build() {
      const stages = new Map<string, number>()
      let lastMs = performance.now()
      const mark = (stage: string) => {
        stages.set(stage, Math.round(performance.now() - lastMs))
        lastMs = performance.now()
      }
      await network.buildNetwork(topology)
      mark('network')
      internetHosts = services.internet(options.internet)
      const internetDns = services.internetDns()
      const rest = Promise.all([
        ready('internet', internetHosts),
        ready("internet's DNS", internetDns),
        network.installRouterRules(),
      ])
      rest.catch(() => undefined)
      for (const { name, addressing } of topology.nodes) {
        if (addressing.kind === 'static') addressByNode.set(name, withoutPrefix(addressing.address))
      }
      await settleRouter(current)
      mark('router')
      services.printerPort('printer-1')
      await all(topology.nodes, (node) => askForAddress(node, current))
      mark('addresses')
      await rest
      mark('internet')
      const missing = leases.filter(({ name, address }) => addressByNode.get(name) !== address)
      if (missing.length > 0)
        throw new Error(`no address by DHCP for ${missing.map(({ name }) => name).join(', ')}`)
      return stages
    },
    apply,
    nodes: () => [...nodeByName.values()],
    addressOf: (node) => addressByNode.get(node),
    isOn: (node) => !current.poweredOff.has(node),
  }
}

async function all<T>(items: Iterable<T>, action: (item: T) => Promise<void>): Promise<void> {
  await Promise.all([...items].map(action))
}

/** What is in the first and not in the second. */
function minus(these: Iterable<string>, those: { has(name: string): boolean }): string[] {
  return [...these].filter((name) => !those.has(name))
}

function withoutPrefix(cidr: string): string {
  return cidr.split('/')[0] ?? cidr
}
