import { createSocket } from 'node:dgram'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { Announcement } from '../ports/index.ts'
import { announcementSockets } from './announcement-sockets.ts'
import { readLanDocument } from './lan-document.ts'

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** Sends to a multicast group by the loopback interface; false where this machine has no way for it. */
function sendTo(group: string, port: number, text: string): Promise<boolean> {
  const socket = createSocket('udp4')
  ends.push(() => socket.close())
  return new Promise((resolve) => {
    socket.bind(0, '127.0.0.1', () => {
      socket.setMulticastInterface('127.0.0.1')
      socket.send(text, port, group, (error) => resolve(error === null))
    })
  })
}

describe('the ears for announcements', () => {
  it('hear both groups on the interface they were told, and nothing once they left it', async ({ skip }) => {
    const heard: Announcement[] = []
    let noticed: () => void = () => undefined
    const ears = await announcementSockets.listen((one) => {
      heard.push(one)
      noticed()
    })
    ends.push(ears.stop)
    ears.join(['127.0.0.1', '192.0.2.99'])
    const both = new Promise<void>((resolve) => {
      noticed = () => heard.length >= 2 && resolve()
    })
    const isSent =
      (await sendTo('224.0.0.251', 5353, 'mdns')) && (await sendTo('239.255.255.250', 1900, 'ssdp'))
    if (!isSent) skip()
    await both
    expect(heard.map(({ protocol, ip, packet }) => [protocol, ip, String(packet)]).sort()).toEqual([
      ['mdns', '127.0.0.1', 'mdns'],
      ['ssdp', '127.0.0.1', 'ssdp'],
    ])
    ears.join([])
    await sendTo('224.0.0.251', 5353, 'again')
    ears.join(['127.0.0.1'])
    const next = new Promise<void>((resolve) => {
      noticed = resolve
    })
    await sendTo('224.0.0.251', 5353, 'last')
    await next
    expect(heard.map(({ packet }) => String(packet))).not.toContain('again')
    ears.stop()
    ears.stop()
  })
})

describe('a document on the LAN', () => {
  async function serve(answer: Parameters<typeof createServer>[1]): Promise<number> {
    const server: Server = createServer(answer as never)
    ends.push(() => {
      server.closeAllConnections()
      server.close()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as AddressInfo).port
  }
  const read = (port: number) =>
    readLanDocument({ ip: '127.0.0.1', port, path: '/d.xml', timeoutMs: 300, maxBytes: 1_000 })

  it('is read whole', async () => {
    expect(await read(await serve((_, response) => response.end('<root/>')))).toBe('<root/>')
  })

  it('is none where it is too long, moved, missing, endless or refused', async () => {
    expect(await read(await serve((_, response) => response.end('x'.repeat(2_000))))).toBeUndefined()
    const moved = await serve((_, response) => response.writeHead(302, { location: '/elsewhere' }).end())
    expect(await read(moved)).toBeUndefined()
    expect(await read(await serve((_, response) => response.writeHead(404).end()))).toBeUndefined()
    expect(await read(await serve((_, response) => void response.write('<root>')))).toBeUndefined()
    expect(await read(1)).toBeUndefined()
  })
})
