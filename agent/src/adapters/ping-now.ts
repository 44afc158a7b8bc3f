import type { Echo, PingNow } from '../ports/index.ts'
import { hasProgram } from './fping.ts'

/** "Ping now" by the `ping` package where the machine has a ping program, else by fping. One process per question is fine for a person's. */
export function createPingNow(echo: Echo): PingNow {
  // The package starts this very program, whatever the PATH.
  const hasPing = hasProgram('ping', '/bin')
  return {
    async ping(ip, { count, timeoutMs }) {
      if (!hasPing) return (await echo.ask([ip], { count, timeoutMs })).map(({ rttMs }) => rttMs)
      const { default: ping } = await import('ping')
      const answer = await ping.promise.probe(ip, {
        numeric: true,
        min_reply: count,
        timeout: Math.max(1, Math.ceil(timeoutMs / 1_000)),
        deadline: Math.ceil((count * timeoutMs) / 1_000) + 1,
      })
      const rtts: (number | null)[] = readTimes(answer).filter((rtt) => Number.isFinite(rtt))
      while (rtts.length < count) rtts.push(null)
      return rtts
    },
  }
}

/** The package gives every time it read from ping's output, but its types do not name the field. */
function readTimes(answer: object): number[] {
  const times = (answer as { times?: unknown }).times
  return Array.isArray(times) ? times.map(Number) : []
}
