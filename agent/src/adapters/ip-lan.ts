import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Lan, Log } from '../ports/index.ts'
import { type ChildEvents, runProgram, startChild } from './child-lines.ts'
import { isOfIp6, parseInterfaces, parseMonitorLine, parseNeighbors } from './ip-output.ts'

const ipTimeoutMs = 3_000
/** RFC 863: what arrives there is thrown away. */
const discardPort = 9
const pokesPerPause = 16
const pokePauseMs = 5
/** The kernel keeps what goes to somebody who does not answer for seconds, and a socket may have some 270 of that (wmem_default): so far below it takes each at once. */
const pokesPerSocket = 128
const restartMs = 1_000
const maxRestartMs = 30_000
const monitorArgs = ['-o', 'monitor', 'neigh', 'link', 'address', 'route', 'label']
/** The first line is read at once; what hundreds of neighbors' entries say after it comes in heaps. */
const gatherMs = 200
const nothing = Buffer.alloc(0)

/** The LAN as the kernel tells it through iproute2's `ip`. */
export function createIpLan(log: Log): Lan {
  const ip = async (...args: string[]) => (await runProgram('ip', args, ipTimeoutMs)).stdout
  return {
    async interfaces() {
      const [addresses, routes] = await Promise.all([
        ip('-j', 'addr', 'show'),
        ip('-4', '-j', 'route', 'show', 'table', 'all'),
      ])
      return parseInterfaces(addresses, routes)
    },
    neighbors: async () => parseNeighbors(await ip('-j', 'neigh', 'show')),
    poke,
    watch(listener) {
      let stopChild: (() => void) | undefined
      let restart: ReturnType<typeof setTimeout> | undefined
      let isStopped = false
      let failures = 0
      const start = () => {
        const events: ChildEvents = {
          onLine(line) {
            failures = 0
            const neighbor = parseMonitorLine(line)
            if (neighbor !== undefined) listener.onNeighbor(neighbor)
            else if (!isOfIp6(line)) listener.onInterfaces()
          },
          onExit(detail) {
            if (isStopped) return
            failures++
            if (failures === 1) log.warn({ detail }, 'ip monitor ended; starting it again')
            restart = setTimeout(
              () => {
                start()
                // What changed meanwhile nobody told.
                listener.onInterfaces()
              },
              Math.min(maxRestartMs, restartMs * failures),
            )
          },
        }
        stopChild = startChild('ip', monitorArgs, events, { gatherMs })
      }
      start()
      return () => {
        isStopped = true
        clearTimeout(restart)
        stopChild?.()
      }
    },
  }
}

/** One empty datagram each, in small groups: a burst would overrun the neighbor queue of small routers. */
async function poke(ips: readonly string[]): Promise<void> {
  for (let index = 0; index < ips.length; index += pokesPerSocket)
    await pokeFromOneSocket(ips.slice(index, index + pokesPerSocket))
}

async function pokeFromOneSocket(ips: readonly string[]): Promise<void> {
  // Only addresses are sent to: nothing is to be looked up.
  const socket = createSocket({ type: 'udp4', lookup: (ip, _, found) => found(null, ip, 4) })
  // ICMP "port unreachable" and "no route" come back here; both are fine, the kernel has asked by then.
  socket.on('error', () => undefined)
  try {
    // With nothing to look up it may listen before `bind` returns.
    const listening = once(socket, 'listening')
    socket.bind()
    await listening
    for (let index = 0; index < ips.length; index += pokesPerPause) {
      for (const ip of ips.slice(index, index + pokesPerPause)) socket.send(nothing, discardPort, ip)
      await new Promise((resolve) => setTimeout(resolve, pokePauseMs))
    }
  } finally {
    socket.close()
  }
}
