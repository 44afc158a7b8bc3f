import { darkFor, minute, type Scenario } from './scenario.ts'
import type { Site } from '../../ingest/src/faults/testing/site.ts'

/** Batches of half a minute, one for each share of lost packets. */
function losing(at: Site, ...ratios: readonly number[]): void {
  for (const lossRatio of ratios) {
    at.pass(30_000)
    at.telemetry({ line: { rttMs: 30, lossRatio } })
  }
}

/** A line that hardly lets a packet through, dark for a while and as bad afterwards. */
function badAndDark(at: Site, darkMs: number): void {
  losing(at, ...anHourOfCalm)
  const wan = { type: 'wan-changed', uplinkId: 'primary', firstHop: true, wanLink: true } as const
  at.see({ ...wan, state: 'degraded', lossRatio: 0.6, sinceMs: at.nowMs })
  losing(at, ...Array.from({ length: 8 }, () => 0.6))
  darkFor(at, darkMs, 'cloud-unreachable')
  losing(at, ...Array.from({ length: 8 }, () => 0.6))
  at.see({ ...wan, state: 'up', lossRatio: 0, sinceMs: at.nowMs })
  losing(at, ...Array.from({ length: 30 }, () => 0))
  at.pass(10 * minute)
}

const anHourOfCalm = Array.from({ length: 120 }, () => 0)

/** Lines that work, and badly. */
export const lineScenarios: readonly Scenario[] = [
  {
    name: 'lossy-line-breaks-the-connection',
    why: 'A line that loses two packets of three cannot hold a connection: dark for three minutes, and a second Issue beside that of the line',
    expected: ['wan-degraded -'],
    options: { hasBackupUplink: false },
    play: (at) => badAndDark(at, 3 * minute),
  },
  {
    name: 'lossy-line-dark-for-twenty-minutes',
    why: 'Dark for so long may be more than a bad line: the one Issue says so, and is the line’s again when nothing else was found',
    expected: ['wan-degraded -'],
    options: { hasBackupUplink: false },
    play: (at) => badAndDark(at, 20 * minute),
  },
  {
    name: 'names-fail-for-a-burst-of-loss',
    why: 'Four lookups lost in a burst of twenty seconds looked like a dead resolver for as long as nobody asked again',
    expected: [],
    play(at) {
      at.pass(60_000)
      at.dns(false, 1_000)
      at.pass(18_000)
      at.dns(true)
      at.pass(10 * minute)
    },
  },
  {
    name: 'lossy-line-with-lucky-half-minutes',
    why: 'Two lucky half minutes right after a line had become hardly usable ended its Issue; a second one opened when it went on',
    expected: ['wan-degraded -'],
    play(at) {
      losing(at, ...anHourOfCalm)
      losing(at, 0.1)
      const wan = { type: 'wan-changed', uplinkId: 'primary', firstHop: true, wanLink: true } as const
      at.see({ ...wan, state: 'degraded', lossRatio: 0.4, sinceMs: at.nowMs })
      losing(at, 0.4, 0.27, 0.2, 0.27, 0.22, 0.2, 0.25, 0.3, 0.22, 0.2, 0.21, 0.28, 0.33, 0.4, 0.36, 0.3, 0.4)
      at.see({ ...wan, state: 'up', lossRatio: 0, sinceMs: at.nowMs })
      losing(at, ...Array.from({ length: 30 }, () => 0))
      at.pass(10 * minute)
    },
  },
]
