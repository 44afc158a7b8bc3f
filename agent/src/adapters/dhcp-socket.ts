import { createSocket } from 'node:dgram'
import { parseDhcpRequest } from '../core/dhcp-packet.ts'
import { type DhcpListener, ProbeUnavailableError } from '../ports/index.ts'

const serverPort = 67

/** Hears broadcasts to DHCP servers on UDP 67. Receives only: nothing is ever sent from this socket. */
export const dhcpSocket: DhcpListener = {
  listen: (onHeard) =>
    new Promise((resolve, reject) => {
      const socket = createSocket({ type: 'udp4', reuseAddr: true })
      socket.once('error', (cause) => {
        socket.close()
        const advice = 'give the agent CAP_NET_BIND_SERVICE, or set net.ipv4.ip_unprivileged_port_start to 67'
        reject(
          new ProbeUnavailableError(`UDP port 67 cannot be listened on (${cause.message}); ${advice}.`, {
            cause,
          }),
        )
      })
      socket.bind(serverPort, '0.0.0.0', () => {
        socket.removeAllListeners('error')
        socket.on('error', () => undefined)
        socket.on('message', (packet) => {
          const heard = parseDhcpRequest(packet)
          if (heard !== undefined) onHeard(heard)
        })
        let isClosed = false
        resolve(() => {
          if (!isClosed) socket.close()
          isClosed = true
        })
      })
    }),
}
