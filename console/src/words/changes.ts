import type { Unit } from '@proactive/shared'
import type { ChangeWord } from '@proactive/shared/http'
import { t } from '../i18n/language.ts'
import { told } from '../i18n/told.ts'
import { duration } from './time.ts'

/** What people call a device of the Location; undefined where it is gone. */
export type NameOf = (deviceId: string) => string | undefined

/** A unit by what tells it from others of its kind. */
export const unitWords = ({ model, serial, mac, ip, deviceId }: Unit): string =>
  [model, serial ?? mac ?? ip ?? deviceId].filter((word) => word !== undefined).join(' ')

const endWords = {
  'first-start': t('The appliance started for the first time'),
  clean: t('The appliance started again'),
  killed: t('The appliance started again: its program had been ended'),
  reboot: t('The appliance started again after a reboot'),
  'power-loss': t('The appliance started again: it had lost its power'),
  unknown: t('The appliance started again'),
} as const

const portWord = 'port '

/** A change in one sentence. Names and what devices say stay as they came. */
export function changeWords(change: ChangeWord, nameOf: NameOf): string {
  const name = (deviceId: string) => nameOf(deviceId) ?? deviceId
  switch (change.type) {
    case 'device-new': {
      const { unit } = change
      return t('New: {name}', { name: nameOf(unit.deviceId) ?? unit.name ?? unitWords(unit) })
    }
    case 'device-moved': {
      const values = { name: name(change.deviceId), from: change.from, to: change.to }
      if (!change.to.startsWith(portWord)) return t('{name}: address {to} instead of {from}', values)
      const port = (text: string) => text.slice(portWord.length)
      return t('{name}: plugged in at {to} instead of {from}', {
        ...values,
        from: port(change.from),
        to: port(change.to),
      })
    }
    case 'device-replaced':
      return t('{before} was replaced by {after}', {
        before: unitWords(change.before),
        after: unitWords(change.after),
      })
    case 'devices-merged':
      return t('{other} turned out to be {name}', { other: change.goneId, name: name(change.deviceId) })
    case 'device-restarted':
      return t('{name} restarted', { name: name(change.deviceId) })
    case 'device-renamed':
      return t('{from} is called {to} now', { from: change.from, to: change.to })
    case 'device-updated':
      return t('{name}: version {to} instead of {from}', {
        name: name(change.deviceId),
        from: change.from,
        to: change.to,
      })
    case 'equipment-changed':
      return change.faults.length === 0
        ? t('{name} is well again', { name: name(change.deviceId) })
        : t('{name} says: {words}', {
            name: name(change.deviceId),
            words: change.faults.map(told).join(', '),
          })
    case 'ip-conflict':
      return change.isActive
        ? t('{ip} is used by several devices: {macs}', { ip: change.ip, macs: change.macs.join(', ') })
        : t('{ip} is used by one device again', { ip: change.ip })
    case 'agent-started': {
      const { previousEnd, downMs } = change
      const away =
        downMs !== null && downMs > 60_000
          ? `; ${t('nobody watched for {time}', { time: duration(downMs) })}`
          : ''
      return `${endWords[previousEnd]}${away}`
    }
    case 'agent-updated':
      return t('The appliance runs version {to} instead of {from}', { from: change.from, to: change.to })
    case 'public-address-changed':
      return t('The internet sees this Location as {to} instead of {from}', {
        from: change.from,
        to: change.to,
      })
  }
}

/** The device whose page tells more; undefined = it is about none. */
export function deviceOf(change: ChangeWord): string | undefined {
  if ('deviceId' in change) return change.deviceId
  if (change.type === 'device-new') return change.unit.deviceId
  return change.type === 'device-replaced' ? change.after.deviceId : undefined
}

/** A sign for the eye that looks down a list. */
export const changeSigns: Record<ChangeWord['type'], string> = {
  'device-new': '＋',
  'device-moved': '⇄',
  'device-replaced': '⇄',
  'devices-merged': '⇄',
  'device-restarted': '↻',
  'device-renamed': '✎',
  'device-updated': '✎',
  'equipment-changed': '▲',
  'ip-conflict': '▲',
  'agent-started': '↻',
  'agent-updated': '✎',
  'public-address-changed': '⇄',
}
