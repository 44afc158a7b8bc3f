import type { Attachment, Device } from '@proactive/shared'
import type { LldpNeighbor } from './neighbor-tables.ts'

/** A switch that was read: whom it hears on which port, and who names itself there by LLDP. */
export interface Bridge {
  readonly deviceId: string
  readonly ports: ReadonlyMap<string, number>
  readonly neighbors: readonly LldpNeighbor[]
  /** Bridge port → interface, where the switch tells: LLDP may count by interfaces. */
  readonly interfaceByPort: ReadonlyMap<number, number>
}

type Known = Pick<Device, 'id' | 'role' | 'macs' | 'isGateway'>

/**
 * Through which switch or access point each device's frames come. Behind a switch is whom it hears on any port but those towards the router; the
 * nearest of several is the one with the fewest behind it. Whoever shares a port with the one access point or switch that names itself there
 * by LLDP (IEEE 802.1AB: not forwarded by bridges, so it hangs on that port itself) is behind that one.
 *
 * `null` = heard on ports towards the router only: behind none of these switches. Who is heard nowhere is left out, and so is everybody of a switch that
 * does not hear the router: which way is up is not known there.
 */
export function attachmentsOf(
  bridges: readonly Bridge[],
  devices: readonly Known[],
): ReadonlyMap<string, Attachment | null> {
  const byMac = new Map(devices.flatMap((device) => device.macs.map((mac) => [mac, device] as const)))
  const places = bridges
    .flatMap((bridge) => placeOf(bridge, byMac) ?? [])
    .sort((a, b) => a.behind.size - b.behind.size || (a.deviceId < b.deviceId ? -1 : 1))
  const attachments = new Map<string, Attachment | null>()
  for (const { above } of places) for (const id of above) attachments.set(id, null)
  // The widest first, so that the nearest has the last word.
  for (const { deviceId, behind, bridgeByPort } of places.toReversed())
    for (const [id, port] of behind) {
      const between = bridgeByPort.get(port)
      attachments.set(
        id,
        between === undefined || between === id ? { deviceId, port } : { deviceId: between },
      )
    }
  return attachments
}

interface Place {
  readonly deviceId: string
  /** Device → port. */
  readonly behind: ReadonlyMap<string, number>
  readonly above: ReadonlySet<string>
  /** What hangs on a port and has others behind it. */
  readonly bridgeByPort: ReadonlyMap<number, string>
}

function placeOf(
  { deviceId, ports, neighbors, interfaceByPort }: Bridge,
  byMac: ReadonlyMap<string, Known>,
): Place | undefined {
  const up = new Set([...ports].flatMap(([mac, port]) => (byMac.get(mac)?.isGateway === true ? [port] : [])))
  if (up.size === 0) return undefined
  const behind = new Map<string, number>()
  const above = new Set<string>()
  for (const [mac, port] of ports) {
    const device = byMac.get(mac)
    if (device === undefined || device.id === deviceId || device.isGateway) continue
    if (up.has(port)) above.add(device.id)
    else behind.set(device.id, port)
  }
  return { deviceId, behind, above, bridgeByPort: bridgesOf(neighbors, behind, interfaceByPort, byMac) }
}

const bridgeRoles: ReadonlySet<Device['role']> = new Set(['access-point', 'switch'])

/** The one access point or switch of each port; where two name themselves on one port neither is known to be first. */
function bridgesOf(
  neighbors: readonly LldpNeighbor[],
  behind: ReadonlyMap<string, number>,
  interfaceByPort: ReadonlyMap<number, number>,
  byMac: ReadonlyMap<string, Known>,
): ReadonlyMap<number, string> {
  const idsByPort = new Map<number, string[]>()
  for (const { mac, localPort } of neighbors) {
    const device = byMac.get(mac)
    if (device === undefined || !bridgeRoles.has(device.role)) continue
    const port = behind.get(device.id)
    if (port === undefined || (port !== localPort && interfaceByPort.get(port) !== localPort)) continue
    idsByPort.set(port, [...(idsByPort.get(port) ?? []), device.id])
  }
  return new Map(
    [...idsByPort].flatMap(([port, [id, ...others]]) =>
      id === undefined || others.length > 0 ? [] : [[port, id]],
    ),
  )
}

/** Name of the fact, as an LLDP one: told by switches. */
export const attachmentKey = 'attachedTo'
const nowhere = '-'

/** An attachment as evidence keeps it; see {@link readAttachment}. */
export function attachmentText(attachment: Attachment | null): string {
  if (attachment === null) return nowhere
  return attachment.port === undefined ? attachment.deviceId : `${attachment.deviceId} ${attachment.port}`
}

export function readAttachment(text: string | undefined): Attachment | undefined {
  const match = /^([A-Za-z0-9_-]{1,64})(?: ([1-9]\d{0,4}))?$/.exec(text ?? '')
  const [, deviceId, port] = match ?? []
  if (deviceId === undefined || deviceId === nowhere) return undefined
  return { deviceId, ...(port === undefined || Number(port) > 65_535 ? {} : { port: Number(port) }) }
}
