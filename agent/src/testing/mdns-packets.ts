/** One resource record of a test packet; a name is a list of labels or raw bytes. */
export interface TestRecord {
  readonly name: readonly string[] | Uint8Array
  readonly type: 'a' | 'ptr' | 'txt' | 'aaaa' | 'srv'
  readonly ttl?: number
  readonly data: Uint8Array
}

const types = { a: 1, ptr: 12, txt: 16, aaaa: 28, srv: 33 } as const

/** A DNS message with these answers; `flags` 0x8400 is an mDNS response. */
export function mdnsPacket(records: readonly TestRecord[], flags = 0x8400): Buffer {
  const head = Buffer.alloc(12)
  head.writeUInt16BE(flags, 2)
  head.writeUInt16BE(records.length, 6)
  return Buffer.concat([
    head,
    ...records.map(({ name, type, ttl = 120, data }) => {
      const fixed = Buffer.alloc(10)
      fixed.writeUInt16BE(types[type], 0)
      fixed.writeUInt16BE(0x8001, 2)
      fixed.writeUInt32BE(ttl, 4)
      fixed.writeUInt16BE(data.length, 8)
      return Buffer.concat([isLabels(name) ? labels(...name) : name, fixed, data])
    }),
  ])
}

const isLabels = (name: TestRecord['name']): name is readonly string[] => Array.isArray(name)

export function labels(...names: readonly string[]): Buffer {
  return Buffer.concat([
    ...names.map((name) => {
      const bytes = Buffer.from(name)
      return Buffer.concat([Buffer.from([bytes.length]), bytes])
    }),
    Buffer.from([0]),
  ])
}

export function txtData(...entries: readonly string[]): Buffer {
  return labels(...entries).subarray(0, -1)
}

/** What a receipt printer says when it joins: service, host, product, addresses. */
export function printerAnnouncement(ip: string): Buffer {
  const instance = ['Star TSP143IV', '_ipp', '_tcp', 'local']
  const host = ['star-1', 'local']
  return mdnsPacket([
    { name: ['_ipp', '_tcp', 'local'], type: 'ptr', data: labels(...instance) },
    {
      name: instance,
      type: 'srv',
      data: Buffer.concat([Buffer.from([0, 0, 0, 0, 0x02, 0x77]), labels(...host)]),
    },
    {
      name: instance,
      type: 'txt',
      data: txtData('txtvers=1', 'ty=Star TSP143IV', 'product=(Star TSP143IV)'),
    },
    { name: host, type: 'a', data: Buffer.from(ip.split('.').map(Number)) },
    { name: host, type: 'aaaa', data: Buffer.from('fe80000000000000020c29fffe000001', 'hex') },
  ])
}

/** 1,400 bytes whose names all lead through each other: 100 records that would be thousands of bytes each if they were followed blindly. */
export function compressionBomb(): Buffer {
  const name = labels(...Array.from({ length: 3 }, () => 'x'.repeat(63)), 'y'.repeat(50))
  const first = mdnsPacket([{ name, type: 'ptr', data: Buffer.from([0xc0, 12]) }])
  const pointer = Buffer.from([0xc0, 12])
  const record = mdnsPacket([{ name: pointer, type: 'ptr', data: pointer }]).subarray(12)
  const packet = Buffer.concat([first, ...Array.from({ length: 100 }, () => record)]).subarray(0, 1_400)
  packet.writeUInt16BE(0xffff, 6)
  packet.writeUInt16BE(0xffff, 8)
  packet.writeUInt16BE(0xffff, 10)
  return packet
}
