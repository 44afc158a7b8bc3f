import { describe, expect, it } from 'vitest'
import { createAgent } from '../agent.ts'
import type { Announcement, AnnouncementListener, DocumentReader } from '../ports/index.ts'
import { createManualScheduler } from '../testing/manual-scheduler.ts'
import { printerAnnouncement } from '../testing/mdns-packets.ts'
import { createPaperShop, type PaperHost } from '../testing/paper-shop.ts'

const host = (last: number, mac: string): PaperHost => ({
  ...{ ip: `192.0.2.${last}`, mac, answersIcmp: true, answersArp: true },
})

/** A shop with ears: hosts may announce, and documents may be read. */
async function shop(hosts: PaperHost[], documents = new Map<string, string>()) {
  const scheduler = createManualScheduler()
  const world = createPaperShop(scheduler, [host(1, '18:fd:74:5a:10:01'), ...hosts])
  let say: (announcement: Announcement) => void = () => undefined
  const joined: (readonly string[])[] = []
  const read: string[] = []
  const announcements: AnnouncementListener = {
    async listen(onHeard) {
      say = onHeard
      return { join: (addresses) => joined.push(addresses), stop: () => undefined }
    },
  }
  const readDocument: DocumentReader = async ({ ip, port, path }) => {
    read.push(`${ip}:${port}${path}`)
    return documents.get(path)
  }
  const agent = createAgent({ ...world.deps, announcements, readDocument })
  await agent.start()
  await scheduler.advance(10_000)
  const device = (ip: string) => agent.status().devices.find(({ ips }) => ips.includes(ip))
  const alive = (ip: string, ...lines: string[]) =>
    say({
      protocol: 'ssdp',
      ip,
      packet: Buffer.from(['NOTIFY * HTTP/1.1', 'NTS: ssdp:alive', ...lines, '', ''].join('\r\n')),
    })
  return { scheduler, world, agent, joined, read, device, alive, say: (one: Announcement) => say(one) }
}

describe('announcements', () => {
  it('are heard on the watched network and identify their sender, its IPv6 address joined', async () => {
    const at = await shop([host(41, '00:11:62:00:00:01')])
    expect(at.joined.at(-1)).toEqual(['192.0.2.2'])
    at.say({ protocol: 'mdns', ip: '192.0.2.41', packet: printerAnnouncement('192.0.2.41') })
    expect(at.device('192.0.2.41')).toMatchObject({
      role: 'printer',
      model: 'TSP143IV',
      ips: ['192.0.2.41', 'fe80::20c:29ff:fe00:1'],
    })
  })

  it('of a stranger make it known within a second, with what it said before', async () => {
    const at = await shop([])
    const stranger = host(77, '00:11:62:00:00:01')
    at.world.hosts.push(stranger)
    Object.assign(at.world.deps.lan, { poke: async (ips: readonly string[]) => at.world.answer(ips) })
    at.say({ protocol: 'mdns', ip: stranger.ip, packet: printerAnnouncement(stranger.ip) })
    await at.scheduler.advance(1_000)
    expect(at.device(stranger.ip)).toMatchObject({ role: 'printer', model: 'TSP143IV' })
    expect(at.world.changes().at(-1)).toMatchObject({ type: 'device-new' })
  })

  it('lead to a description on the sender’s own address, read once', async () => {
    const xml =
      '<manufacturer>EPSON</manufacturer><modelName>TM-T88VI</modelName><serialNumber>X3WN001234</serialNumber>'
    const at = await shop([host(41, '00:26:ab:00:00:01')], new Map([['/d.xml', xml]]))
    at.alive('192.0.2.41', 'LOCATION: http://192.0.2.41:8080/d.xml')
    at.alive('192.0.2.41', 'LOCATION: http://192.0.2.41:8080/d.xml')
    await at.scheduler.advance(100)
    expect(at.read).toEqual(['192.0.2.41:8080/d.xml'])
    expect(at.device('192.0.2.41')).toMatchObject({ vendor: 'Epson', serial: 'X3WN001234' })
  })

  it('never lead anywhere else, nor to a payment terminal', async () => {
    const at = await shop([host(21, '00:0b:4f:00:00:01'), host(41, '00:26:ab:00:00:01')])
    at.alive('192.0.2.41', 'LOCATION: http://192.0.2.1/d.xml')
    at.alive('192.0.2.41', 'LOCATION: http://203.0.113.9/d.xml')
    at.alive('192.0.2.21', 'LOCATION: http://192.0.2.21/d.xml')
    at.alive('203.0.113.9', 'LOCATION: http://203.0.113.9/d.xml')
    await at.scheduler.advance(100)
    expect(at.read).toEqual([])
  })

  it('that a reflector repeats are their owner’s words, not the reflector’s', async () => {
    const at = await shop([host(41, '00:11:62:00:00:01')])
    at.say({ protocol: 'mdns', ip: '192.0.2.1', packet: printerAnnouncement('192.0.2.41') })
    expect(at.device('192.0.2.41')?.model).toBe('TSP143IV')
    expect(at.device('192.0.2.1')?.role).toBe('router')
  })

  it('of one who makes up a new name each moment are followed forty times an hour', async () => {
    const at = await shop([host(41, '00:26:ab:00:00:01')])
    const births = () => at.world.sent.filter(({ kind }) => kind === 'birth').length
    const before = births()
    for (let n = 0; n < 500; n++) {
      at.alive('192.0.2.41', `SERVER: name ${n}`)
      await at.scheduler.advance(1_000)
    }
    expect(births() - before).toBeLessThanOrEqual(45)
    expect(at.agent.status().announcements.ignored).toBeGreaterThan(400)
  })

  it('faster than a hundred a second are not looked at', async () => {
    const at = await shop([])
    for (let n = 0; n < 1_000; n++) at.alive('192.0.2.1')
    expect(at.agent.status().announcements).toMatchObject({ packets: 1_000, ignored: 900 })
  })
})
