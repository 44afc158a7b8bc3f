import { createSocket, type Socket } from 'node:dgram'
import { type Announcement, type AnnouncementListener, ProbeUnavailableError } from '../ports/index.ts'

/** RFC 6762 §3; UPnP Device Architecture 2.0 §1.2. */
const groups = [
  { protocol: 'mdns', port: 5353, address: '224.0.0.251' },
  { protocol: 'ssdp', port: 1900, address: '239.255.255.250' },
] as const

/**
 * Hears mDNS and SSDP. Bound to 0.0.0.0, not to an interface's address: a socket bound to an address gets no multicast on Linux. Shares the
 * ports with whoever else listens. Receives only.
 */
export const announcementSockets: AnnouncementListener = {
  async listen(onHeard) {
    const opened = await Promise.allSettled(groups.map((group) => open(group, onHeard)))
    const ears = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    const failed = opened.find((result) => result.status === 'rejected')
    if (ears.length === 0 && failed !== undefined) throw failed.reason
    return {
      join: (localAddresses) => {
        for (const one of ears) one.join(localAddresses)
      },
      stop: () => {
        for (const one of ears) one.stop()
      },
    }
  },
}

function open(group: (typeof groups)[number], onHeard: (announcement: Announcement) => void) {
  const { protocol, port, address } = group
  return new Promise<{ join: (localAddresses: readonly string[]) => void; stop: () => void }>(
    (resolve, reject) => {
      const socket = createSocket({ type: 'udp4', reuseAddr: true })
      socket.once('error', (cause) => {
        socket.close()
        reject(
          new ProbeUnavailableError(`UDP port ${port} cannot be listened on (${cause.message}).`, { cause }),
        )
      })
      socket.bind(port, '0.0.0.0', () => {
        socket.removeAllListeners('error')
        socket.on('error', () => undefined)
        socket.on('message', (packet, from) => onHeard({ protocol, ip: from.address, packet }))
        const joined = new Set<string>()
        let isClosed = false
        resolve({
          join(localAddresses) {
            if (isClosed) return
            for (const local of joined) {
              if (localAddresses.includes(local)) continue
              joined.delete(local)
              change(socket, 'dropMembership', address, local)
            }
            for (const local of localAddresses)
              if (!joined.has(local) && change(socket, 'addMembership', address, local)) joined.add(local)
          },
          stop() {
            if (!isClosed) socket.close()
            isClosed = true
          },
        })
      })
    },
  )
}

/** An address may be gone by the time it is used: then there is nothing to hear there. */
function change(
  socket: Socket,
  how: 'addMembership' | 'dropMembership',
  group: string,
  local: string,
): boolean {
  try {
    socket[how](group, local)
    return true
  } catch {
    return false
  }
}
