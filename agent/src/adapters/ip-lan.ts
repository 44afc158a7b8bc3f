import { createSocket, type Socket } from 'node:dgram'
import type { Lan, Log } from '../ports/index.ts'
import { runProgram, startChild } from './child-lines.ts'
import { isOfIp6, parseInterfaces, parseMonitorLine, parseNeighbors } from './ip-output.ts'

const ipTimeoutMs = 3_000
/** RFC 863: what arrives there is thrown away. */
const discardPort = 9
const pokesPerPause = 16
const pokePauseMs = 5
const restartMs = 1_000

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
  const socket = createSocket('udp4')
  // ICMP "port unreachable" and "no route" come back here; both are fine, the kernel has asked by then.
  socket.on('error', () => undefined)
  try {
    for (let index = 0; index < ips.length; index += pokesPerPause) {
      await Promise.all(ips.slice(index, index + pokesPerPause).map((ip) => send(socket, ip)))
      await new Promise((resolve) => setTimeout(resolve, pokePauseMs))
    }
  } finally {
    socket.close()
  }
}

function send(socket: Socket, ip: string): Promise<void> {
  return new Promise((resolve) => socket.send(Buffer.alloc(0), discardPort, ip, () => resolve()))
}
