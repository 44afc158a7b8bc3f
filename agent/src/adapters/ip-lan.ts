import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Lan, Log } from '../ports/index.ts'
import { runProgram, startChild } from './child-lines.ts'
import { isOfIp6, parseInterfaces, parseMonitorLine, parseNeighbors } from './ip-output.ts'

const ipTimeoutMs = 3_000
/** RFC 863: what arrives there is thrown away. */
const discardPort = 9
const pokesPerPause = 16
const pokePauseMs = 5
const restartMs = 1_000
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
      const start = () => {
        stopChild = startChild('ip', ['-o', 'monitor', 'neigh', 'link', 'address', 'route', 'label'], {
          onLine(line) {
            const neighbor = parseMonitorLine(line)
            if (neighbor !== undefined) listener.onNeighbor(neighbor)
            else if (!isOfIp6(line)) listener.onInterfaces()
          },
          onExit(detail) {
            if (isStopped) return
            log.warn({ detail }, 'ip monitor ended; starting it again')
            restart = setTimeout(start, restartMs)
          },
        })
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
  if (ips.length === 0) return
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
      // Without a callback each: the kernel takes so small a datagram at once.
      for (const ip of ips.slice(index, index + pokesPerPause)) socket.send(nothing, discardPort, ip)
      await new Promise((resolve) => setTimeout(resolve, pokePauseMs))
    }
  } finally {
    socket.close()
  }
}
