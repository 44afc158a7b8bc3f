import { type DeviceInterface, deviceInterfaceSchema, maxInterfaces, toShortText } from '@proactive/shared'
import { z } from 'zod'
import type { NamedInterface } from '../core/interfaces.ts'

/** Interfaces of routers and switches, with the numbers that stand for them in rows. */
export interface InterfaceList {
  /** The whole list of one device, as it tells it now; what is not in it is gone. An empty list takes the device away. */
  put(deviceId: string, interfaces: readonly NamedInterface[]): void
  of(deviceId: string): readonly DeviceInterface[]
  /** Devices that have any. */
  deviceIds(): readonly string[]
  list(): readonly DeviceInterface[]
}

const savedSchema = z.array(deviceInterfaceSchema).max(maxInterfaces)

export function createInterfaceList(deps: {
  readonly nextAlias: () => number | undefined
  readonly retireAlias: (alias: number) => void
  readonly saved: string | undefined
  readonly onChange: (saved: string) => void
}): InterfaceList {
  const byDeviceId = new Map<string, readonly DeviceInterface[]>()
  for (const one of parse(deps.saved))
    byDeviceId.set(one.deviceId, [...(byDeviceId.get(one.deviceId) ?? []), one])
  const list = () => [...byDeviceId.values()].flat()

  return {
    put(deviceId, interfaces) {
      const known = new Map((byDeviceId.get(deviceId) ?? []).map((one) => [one.index, one]))
      const before = JSON.stringify([...known.values()])
      let room = maxInterfaces - (list().length - known.size)
      const next: DeviceInterface[] = []
      for (const { index, name, note } of interfaces) {
        if (room <= 0) break
        const alias = known.get(index)?.alias ?? deps.nextAlias()
        if (alias === undefined) break
        known.delete(index)
        room--
        next.push({
          alias,
          id: `${deviceId.slice(0, 50)}_if${index}`,
          deviceId,
          index,
          name: toShortText(name, 60),
          ...(note === undefined ? {} : { note: toShortText(note, 60) }),
        })
      }
      for (const { alias } of known.values()) deps.retireAlias(alias)
      if (next.length === 0) byDeviceId.delete(deviceId)
      else byDeviceId.set(deviceId, next)
      if (JSON.stringify(next) !== before) deps.onChange(JSON.stringify(list()))
    },
    of: (deviceId) => byDeviceId.get(deviceId) ?? [],
    deviceIds: () => [...byDeviceId.keys()],
    list,
  }
}

function parse(saved: string | undefined): DeviceInterface[] {
  if (saved === undefined) return []
  try {
    const parsed = savedSchema.safeParse(JSON.parse(saved))
    return parsed.success ? parsed.data : []
  } catch {
    return []
  }
}
