import type { DeviceView } from '../faults/model.ts'

type Devices = readonly DeviceView[]

/**
 * The devices as people see them: a sleeper behind something that is down is unknown, with the reason, until that answers again. Whether it
 * sleeps could be told only by asking it. The fault core goes on taking it for asleep: its silence is no fault either way (ADR 128).
 */
export function tellCutOff(devices: Devices): Devices {
  // Nobody sleeps or nothing is down, nearly always.
  if (!devices.some(isDown) || !devices.some(isAsleep)) return devices
  const byId = new Map(devices.map((view) => [view.device.id, view]))
  const gateways = devices.filter(({ device }) => device.isGateway)
  const router = gateways.every(isDown) ? gateways[0] : undefined
  // Where anybody answers, devices reach each other without the router.
  const isRouterTheWay = !devices.some((view) => !view.device.isGateway && answers(view))

  return devices.map((view) => {
    if (!isAsleep(view)) return view
    const bridges = silentBridgesAbove(view, byId)
    if (bridges === undefined) return view
    const bridge = bridges.find(isDown)
    const cause = bridge ?? (bridges.length > 0 || isRouterTheWay ? router : undefined)
    if (cause === undefined) return view
    return {
      ...view,
      health: 'unknown',
      sinceMs: Math.max(view.sinceMs ?? 0, cause.sinceMs ?? 0) || null,
      explainedBy:
        cause === bridge
          ? 'Asleep or cut off: its switch or access point does not answer'
          : 'Asleep or cut off: the router does not answer',
    }
  })
}

/** The switches and access points that a device is known to hang on, nearest first; undefined = one of them answers, so it can be asked. */
function silentBridgesAbove(view: DeviceView, byId: ReadonlyMap<string, DeviceView>): Devices | undefined {
  const passed = new Set<DeviceView>()
  let above = view
  for (;;) {
    const parent = byId.get(above.device.attachedTo?.deviceId ?? '')
    // Tables that contradict each other may go round in a circle.
    if (parent === undefined || parent === view || passed.has(parent)) return [...passed]
    if (answers(parent)) return undefined
    passed.add(parent)
    above = parent
  }
}

const isDown = ({ health }: DeviceView) => health === 'down'
const isAsleep = ({ health, device }: DeviceView) => health === 'asleep' && device.isSleeper
const answers = ({ health }: DeviceView) => health === 'ok' || health === 'degraded'
