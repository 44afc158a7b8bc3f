import type { Device, EpochMs, Unit } from '@proactive/shared'
import type { Sighting } from '../core/inventory.ts'
import { evidenceOf, type WatchContext } from './context.ts'

/** What is worth telling: something changed. */
export type ToldSighting = Exclude<Sighting, { kind: 'known' | 'refused' }>

/** Tells the cloud what a sighting did to the inventory; the birth that follows shows the result. */
export function tellSighting(context: WatchContext, sighting: ToldSighting, atMs: EpochMs): void {
  const { log } = context
  const { device } = sighting
  const [mac] = device.macs
  const seen = (detail?: string) => [
    evidenceOf('arp', device.ips[0] ?? device.id, 'reply', atMs, detail ?? mac),
  ]
  switch (sighting.kind) {
    case 'moved': {
      const { from, to } = sighting
      log.info({ deviceId: device.id, from, to }, 'a device has another address')
      const isPort = to.startsWith('port ')
      const evidence = [evidenceOf(isPort ? 'snmp' : 'arp', to, isPort ? 'changed' : 'reply', atMs, mac)]
      context.observe({ type: 'device-moved', deviceId: device.id, from, to, evidence })
      return
    }
    case 'new':
      tellNew(seen())
      return
    case 'split':
      tellNew(seen(`taken for ${sighting.from.id} until both answered`))
      return
    case 'replaced': {
      const [before, after] = [unitOf(sighting.before), unitOf(device)]
      tellNew(seen())
      log.info({ before, after }, 'a device was replaced')
      context.observe({ type: 'device-replaced', before, after, evidence: seen() })
      return
    }
    case 'merged': {
      const goneId = sighting.gone.id
      log.info({ deviceId: device.id, goneId }, 'two devices are one')
      const evidence = seen(`same as ${goneId}`)
      context.observe({ type: 'devices-merged', deviceId: device.id, goneId, evidence })
      return
    }
    case 'forgotten':
      log.info({ deviceId: device.id }, 'a device that was not seen for long is forgotten')
  }

  function tellNew(evidence: ReturnType<typeof seen>): void {
    log.info(
      { deviceId: device.id, ip: device.ips[0], role: device.role, vendor: device.vendor },
      'a new device',
    )
    context.observe({ type: 'device-new', device, evidence })
  }
}

function unitOf({ id, macs, ips, model, serial }: Device): Unit {
  const [mac] = macs
  const [ip] = ips
  return {
    deviceId: id,
    ...(mac === undefined ? {} : { mac }),
    ...(ip === undefined ? {} : { ip }),
    ...(model === undefined ? {} : { model }),
    ...(serial === undefined ? {} : { serial }),
  }
}
