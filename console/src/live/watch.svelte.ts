import type { CommandResult } from '@proactive/shared'
import type { LocationDetail } from '@proactive/shared/http'
import { sentenceOf } from '../api/sentence.ts'
import { streamCommand } from '../api/stream-command.ts'
import { addRound, type Track } from './tracks.ts'

/** Samples of each second while somebody looks. */
export interface Watch {
  readonly isOn: boolean
  readonly tracks: ReadonlyMap<string, Track>
  readonly complaint: string
  start(detail: LocationDetail): void
  /** Safe to call twice; the appliance stops by itself soon after. */
  stop(): void
}

/** Most devices of one `watch`, and its length; it is renewed as long as somebody looks. */
const maxDevices = 64
const seconds = 25
const budgetMs = 29_000
const pauseMs = 1_000
const closest = ['router', 'switch', 'access-point', 'pos-terminal', 'pos-workstation', 'printer']

export function createWatch(): Watch {
  let isOn = $state(false)
  let tracks = $state.raw<ReadonlyMap<string, Track>>(new Map())
  let complaint = $state('')
  let ending: AbortController | undefined

  async function keepWatching(applianceId: string, devices: LocationDetail['devices'], signal: AbortSignal) {
    const deviceIds = devices.slice(0, maxDevices).map(({ device }) => device.id)
    const idByIp = new Map(devices.flatMap(({ device }) => device.ips.map((ip) => [ip, device.id] as const)))
    const take = ({ outcome, isFinal }: CommandResult) => {
      if (outcome.status === 'ok' && !isFinal) tracks = addRound(tracks, outcome, idByIp)
      else if (outcome.status === 'refused' || outcome.status === 'failed') throw new Error(outcome.reason)
    }
    while (!signal.aborted) {
      await streamCommand(
        applianceId,
        { request: { action: 'watch', deviceIds, seconds }, budgetMs },
        ({ result }) => take(result),
        signal,
      )
      complaint = ''
      // An appliance that ends a watch early is not asked without pause.
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }

  return {
    get isOn() {
      return isOn
    },
    get tracks() {
      return tracks
    },
    get complaint() {
      return complaint
    },
    start({ applianceId, devices }) {
      if (applianceId === null || isOn) return
      const mine = new AbortController()
      ending = mine
      isOn = true
      complaint = ''
      keepWatching(applianceId, inOrder(devices), mine.signal).catch((error: unknown) => {
        if (mine.signal.aborted) return
        complaint = sentenceOf(error)
        isOn = false
      })
    },
    stop() {
      ending?.abort()
      isOn = false
      tracks = new Map()
    },
  }
}

function inOrder(devices: LocationDetail['devices']): LocationDetail['devices'] {
  const rank = ({ device }: LocationDetail['devices'][number]) => {
    const at = closest.indexOf(device.role)
    return device.isGateway ? -1 : at < 0 ? closest.length : at
  }
  return devices.filter(({ device }) => device.ips.length > 0).toSorted((a, b) => rank(a) - rank(b))
}
