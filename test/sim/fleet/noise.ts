import type { EpochMs } from '@proactive/shared'
import { type Fault, parseFault } from '../../lab/faults.ts'
import type { SeededRandom } from '../random.ts'
import type { PlannedAct } from './plan.ts'
import { isTrading, minuteOf, type Traits } from './traits.ts'

/** Something harmless that lasts for a while. */
export interface Spell {
  readonly fault: Fault
  readonly fromMs: EpochMs
  readonly toMs: EpochMs
  /** It looks like a fault: near a real one nobody could say whose an incident is. */
  readonly isAlone?: true
}

export interface Noise {
  readonly spells: readonly Spell[]
  readonly acts: readonly PlannedAct[]
}

const secondMs = 1_000
const minuteMs = 60_000
const dayMs = 86_400_000

/** What happens on any day without anything being broken: nothing of it may open an Issue. */
export function drawNoise(traits: Traits, random: SeededRandom, midnightMs: EpochMs): Noise {
  const spells: Spell[] = []
  const acts: PlannedAct[] = []
  const between = (fromMinute: number, toMinute: number) =>
    midnightMs + random.between(fromMinute, toMinute) * minuteMs
  const during = (fromMs: EpochMs, lastsMs: number, ...[name, ...args]: [string, ...string[]]) =>
    spells.push({ fault: faultOf(name, args), fromMs, toMs: fromMs + lastsMs })
  const alone = (fromMs: EpochMs, lastsMs: number, ...[name, ...args]: [string, ...string[]]) =>
    spells.push({ fault: faultOf(name, args), fromMs, toMs: fromMs + lastsMs, isAlone: true })

  drawNight(traits, random, midnightMs, { during, alone })
  for (let guest = 1; guest <= Math.min(9, traits.guestsPerDay); guest++) {
    during(between(60, 1_200), random.between(5, 120) * minuteMs, 'new-device', `new-${guest}`)
  }
  for (let move = 0; move < traits.roamsPerDay; move++) {
    const device = random.pick(['pos-1', 'pos-3', 'printer-1', 'office-1'])
    during(between(30, 1_380), random.between(2, 45) * minuteMs, 'roam', device)
  }
  if (random.happens(0.3)) {
    alone(between(30, 1_400), traits.timing.restartMs, 'pos-restart', random.pick(['pos-1', 'pos-2']))
  }
  // Lines, processors and resolvers have moments of absence that nobody at a checkout notices.
  for (let blip = 0; blip < traits.blipsPerDay; blip++) {
    alone(between(20, 1_420), random.between(1, 6) * secondMs, 'wan-down', 'provider')
    if (random.happens(0.5)) alone(between(20, 1_420), random.between(1, 6) * secondMs, 'dns-down')
    if (random.happens(0.5)) {
      const how = random.pick(['silent', 'refused', 'tls'])
      alone(between(20, 1_420), random.between(2, 9) * secondMs, 'processor-down', how)
    }
  }
  let awakeMs = midnightMs + random.between(0, 10) * minuteMs
  while (awakeMs < midnightMs + dayMs) {
    const sleepMs = random.logNormal(
      isTrading(traits, minuteOf(awakeMs)) ? 12 * minuteMs : 90 * minuteMs,
      0.7,
    )
    during(awakeMs, sleepMs, 'pos-sleep', 'pos-3')
    awakeMs += sleepMs + random.logNormal(2 * minuteMs, 0.5)
  }
  if (random.happens(1 / 7)) acts.push({ atMs: between(0, 1_440), kind: 'cloud-restart' })
  if (random.happens(1 / 14)) acts.push({ atMs: between(0, 1_440), kind: 'agent-update' })
  if (random.happens(1 / 30)) acts.push({ atMs: between(0, 1_440), kind: 'agent-crash' })
  return { spells, acts }
}

type Draw = (fromMs: EpochMs, lastsMs: number, ...fault: [string, ...string[]]) => void

/** Maintenance while the shop is closed. */
function drawNight(
  traits: Traits,
  random: SeededRandom,
  midnightMs: EpochMs,
  { during, alone }: { readonly during: Draw; readonly alone: Draw },
): void {
  const { nightlyRebootMinute, nightlyTerminalRestartMinute, switchesTerminalsOff, hours, timing } = traits
  if (nightlyRebootMinute !== undefined) {
    const atMs = midnightMs + nightlyRebootMinute * minuteMs + random.between(0, minuteMs)
    alone(atMs, timing.rebootMs, 'router-reboot')
  }
  for (const terminal of ['pos-1', 'pos-2']) {
    if (nightlyTerminalRestartMinute !== undefined) {
      const atMs = midnightMs + nightlyTerminalRestartMinute * minuteMs + random.between(0, 120) * secondMs
      during(atMs, random.between(20, 180) * secondMs, 'pos-down', terminal)
    }
    if (switchesTerminalsOff && hours !== undefined) {
      const offMs = midnightMs + (hours.toMinute + random.between(5, 20)) * minuteMs
      const onMs = midnightMs + dayMs + (hours.fromMinute - 45 + random.between(0, 10)) * minuteMs
      during(offMs, onMs - offMs, 'pos-down', terminal)
    }
  }
}

function faultOf(name: string, args: readonly string[]): Fault {
  const parsed = parseFault(name, args)
  if (!parsed.ok) throw new Error(parsed.reason)
  return parsed.fault
}
