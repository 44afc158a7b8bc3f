import type { EpochMs } from '@proactive/shared'
import type { SeededRandom } from '../random.ts'
import { type Deed, faultOf } from './deeds.ts'
import { isTrading, minuteOf, type Traits } from './traits.ts'

/** Something harmless: a deed, and what ends it where it lasts. */
export interface Nuisance {
  readonly kind: string
  readonly fromMs: EpochMs
  readonly toMs: EpochMs
  readonly begin: Deed
  readonly end?: Deed
  /** It looks like a fault: near a real one nobody could say whose an incident is. */
  readonly isAlone?: true
}

const secondMs = 1_000
const minuteMs = 60_000
const dayMs = 86_400_000

/** What happens on any day without anything being broken: nothing of it may open an Issue. */
export function drawNoise(traits: Traits, random: SeededRandom, midnightMs: EpochMs): Nuisance[] {
  const found: Nuisance[] = []
  const between = (fromMinute: number, toMinute: number) =>
    midnightMs + random.between(fromMinute, toMinute) * minuteMs
  const times = (count: number, draw: () => void) => {
    for (let one = 0; one < count; one++) draw()
  }
  const fault = (
    kind: string,
    fromMs: EpochMs,
    lastsMs: number,
    [name, ...args]: readonly [string, ...string[]],
    isAlone = false,
  ) => {
    const spell = faultOf(name, ...args)
    found.push({
      kind,
      fromMs,
      toMs: fromMs + lastsMs,
      begin: { kind: 'inject', fault: spell },
      // What passes by itself is not healed; by then it may be over.
      ...(name === 'router-reboot' || name === 'pos-restart' ? {} : { end: { kind: 'heal', fault: spell } }),
      ...(isAlone ? { isAlone: true } : {}),
    })
  }
  const once = (kind: string, atMs: EpochMs, lastsMs: number, begin: Deed) =>
    found.push({ kind, fromMs: atMs, toMs: atMs + lastsMs, begin, isAlone: true })

  drawNight(traits, random, midnightMs, fault)
  let guest = 0
  times(Math.min(9, traits.guestsPerDay), () =>
    fault('guest', between(60, 1_200), random.between(5, 120) * minuteMs, ['new-device', `new-${++guest}`]),
  )
  times(traits.roamsPerDay, () => {
    const device = random.pick(['pos-1', 'pos-3', 'printer-1', 'office-1'])
    fault('roam', between(30, 1_380), random.between(2, 45) * minuteMs, ['roam', device])
  })
  // Links are good for hours and bad for seconds (Gilbert 1960, Elliott 1963).
  times(traits.burstsPerDay, () => {
    const link = random.happens(0.6) ? 'wanLossRatio' : 'lanLossRatio'
    const ratio = link === 'wanLossRatio' ? random.between(0.02, 0.25) : random.between(0.01, 0.08)
    const fromMs = between(20, 1_420)
    const lastsMs = Math.min(20, random.logNormal(7, 0.7)) * secondMs
    found.push({
      kind: 'loss-burst',
      fromMs,
      toMs: fromMs + lastsMs,
      begin: { kind: 'loss', link, ratio },
      end: { kind: 'loss', link, ratio: 0 },
      isAlone: true,
    })
  })
  // Lines, processors and resolvers have moments of absence that nobody at a checkout notices.
  times(traits.blipsPerDay, () => {
    fault('line-blip', between(20, 1_420), random.between(1, 6) * secondMs, ['wan-down', 'provider'], true)
    if (random.happens(0.4))
      fault('resolver-blip', between(20, 1_420), random.between(1, 6) * secondMs, ['dns-down'], true)
    if (random.happens(0.4)) {
      const how = random.pick(['silent', 'refused', 'tls'])
      fault(
        'processor-blip',
        between(20, 1_420),
        random.between(2, 9) * secondMs,
        ['processor-down', how],
        true,
      )
    }
  })
  times(traits.napsPerDay, () => {
    const fromMs = between(10, 1_400)
    const isDay = isTrading(traits, minuteOf(fromMs))
    fault('nap', fromMs, Math.min(6 * 60, random.logNormal(isDay ? 12 : 90, 0.7)) * minuteMs, [
      'pos-sleep',
      'pos-3',
    ])
  })
  if (random.happens(0.4))
    fault(
      'terminal-restart',
      between(30, 1_400),
      traits.timing.restartMs,
      ['pos-restart', random.pick(['pos-1', 'pos-2'])],
      true,
    )
  if (random.happens(0.15)) {
    // A dip in the voltage: what has no battery restarts, the router rides it out.
    const atMs = between(30, 1_400)
    for (const terminal of ['pos-1', 'pos-2'])
      fault('brown-out', atMs, traits.timing.restartMs, ['pos-restart', terminal], true)
  }
  times(1 + random.below(2), () =>
    once('lease-change', between(60, 1_380), 10 * secondMs, {
      kind: 'renumber',
      device: random.pick(['printer-1', 'office-1', 'pos-1']),
    }),
  )
  if (random.happens(0.15))
    once('clock-step', between(30, 1_400), secondMs, {
      kind: 'clock-step',
      byMs: Math.round(random.between(-20, 20) * secondMs),
    })
  if (random.happens(1 / 7))
    once('gateway-restart', between(30, 1_400), 30 * secondMs, { kind: 'cloud-restart' })
  if (random.happens(1 / 10))
    once('agent-update', between(30, 1_400), 30 * secondMs, { kind: 'agent-update' })
  if (random.happens(1 / 15))
    once('agent-crash', between(30, 1_400), 30 * secondMs, { kind: 'agent-crash', downMs: 1_500 })
  return found
}

type DrawFault = (
  kind: string,
  fromMs: EpochMs,
  lastsMs: number,
  fault: readonly [string, ...string[]],
  isAlone?: boolean,
) => void

/** Maintenance while the shop is closed. */
function drawNight(traits: Traits, random: SeededRandom, midnightMs: EpochMs, draw: DrawFault): void {
  const { nightlyRebootMinute, nightlyTerminalRestartMinute, switchesTerminalsOff, hours, timing } = traits
  if (nightlyRebootMinute !== undefined) {
    const atMs = midnightMs + nightlyRebootMinute * minuteMs + random.between(0, minuteMs)
    draw('nightly-reboot', atMs, timing.rebootMs, ['router-reboot'], true)
  }
  for (const terminal of ['pos-1', 'pos-2']) {
    if (nightlyTerminalRestartMinute !== undefined) {
      const atMs = midnightMs + nightlyTerminalRestartMinute * minuteMs + random.between(0, 120) * secondMs
      draw('nightly-terminal-restart', atMs, random.between(20, 180) * secondMs, ['pos-down', terminal])
    }
    if (switchesTerminalsOff && hours !== undefined) {
      const offMs = midnightMs + (hours.toMinute + random.between(5, 20)) * minuteMs
      const onMs = midnightMs + dayMs + (hours.fromMinute - 45 + random.between(0, 10)) * minuteMs
      draw('switched-off', offMs, onMs - offMs, ['pos-down', terminal])
    }
  }
}
