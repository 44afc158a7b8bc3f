import { Pool } from 'undici'
import type { Fleet } from './fleet-points.ts'

/** The peer: sends ready lines to InfluxDB and does nothing else. */
export interface BareWriter {
  /** Sends window after window of all shops until it is over; resolves with the number of lines taken. */
  write(fleet: Fleet, nextTick: () => number, isOver: () => boolean): Promise<number>
  stop(): Promise<void>
}

const linesPerBody = 5_000
const inFlight = 2
/** Below this the machine is too busy for the comparison to say anything. */
const minLinesPerSecond = 30_000

export function createBareWriter(url: string): BareWriter {
  const pool = new Pool(url, { connections: inFlight, pipelining: 1 })
  return {
    async write(fleet, nextTick, isOver) {
      let lines = 0
      const bodies: string[] = []
      const send = async () => {
        while (true) {
          if (bodies.length === 0) {
            if (isOver()) return
            bodies.push(...fleet.bodiesOf(nextTick(), linesPerBody))
          }
          const body = bodies.pop() ?? ''
          const path = '/write?db=proactive&rp=raw&precision=ms'
          const response = await pool.request({ path, method: 'POST', body })
          await response.body.dump()
          if (response.statusCode !== 204) throw new Error(`InfluxDB answered ${response.statusCode}`)
          lines += linesPerBody
        }
      }
      await Promise.all(Array.from({ length: inFlight }, send))
      return lines
    },
    stop: () => pool.destroy(),
  }
}

/** Whether a comparison with the bare writer says anything. */
export function validityOf(linesPerSecond: number): { invalid?: string } {
  if (linesPerSecond >= minLinesPerSecond) return {}
  return {
    invalid: `the bare writer reached ${Math.round(linesPerSecond)} lines/s only; ${minLinesPerSecond} are needed: the machine is too busy`,
  }
}
