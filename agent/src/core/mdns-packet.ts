import { toShortText } from '@proactive/shared'

/** What one mDNS response said about the host that sent it (RFC 6762, RFC 6763); all text is the host's own and may lie. */
export interface MdnsHeard {
  /** Host name without `.local`. */
  readonly hostname?: string
  /** Service types it offers, e.g. `_ipp._tcp`. */
  readonly services: readonly string[]
  /** Name of a service instance, as people read it. */
  readonly name?: string
  /** TXT entries that tell the product, `key=value`. */
  readonly txt: readonly string[]
  readonly ips: readonly string[]
  readonly ips6: readonly string[]
}

/** RFC 6762 §17: the largest packet, IP and UDP headers included. */
const maxPacketBytes = 9_000
const maxRecords = 64
/** Names, compression followed, in one packet: a packet that says more was made to cost time. */
const maxNameBytes = 8_192
const maxServices = 8
const maxTxt = 6
const maxAddresses = 4
const types = { a: 1, ptr: 12, txt: 16, aaaa: 28, srv: 33 } as const

/** TXT keys in which printers, cameras and speakers name their product (Bonjour Printing 1.2.1 and vendors' habit). */
const productKeys = new Set([
  'ty',
  'product',
  'usb_mfg',
  'usb_mdl',
  'md',
  'model',
  'manufacturer',
  'mfg',
  'vendor',
])

/** Reads a response; undefined for queries and for anything else, however broken. Never throws, works at most {@link maxNameBytes} on names. */
export function parseMdnsResponse(packet: Uint8Array): MdnsHeard | undefined {
  if (packet.length < 12 || packet.length > maxPacketBytes) return undefined
  const reader = createReader(packet)
  const isResponse = (reader.u16(2) & 0x8000) !== 0
  if (!isResponse) return undefined
  const questions = reader.u16(4)
  const records = reader.u16(6) + reader.u16(8) + reader.u16(10)
  let offset = 12
  for (let index = 0; index < questions; index++) {
    const end = reader.skipName(offset)
    if (end === undefined || index >= maxRecords) return undefined
    offset = end + 4
  }
  const heard = {
    services: new Set<string>(),
    txt: new Map<string, string>(),
    ips: [] as string[],
    ips6: [] as string[],
  }
  let hostname: string | undefined
  let name: string | undefined
  for (let index = 0; index < Math.min(records, maxRecords); index++) {
    const head = reader.skipName(offset)
    if (head === undefined || head + 10 > packet.length) break
    const type = reader.u16(head)
    const ttl = reader.u16(head + 4) * 65_536 + reader.u16(head + 6)
    const data = head + 10
    const end = data + reader.u16(head + 8)
    if (end > packet.length) break
    const owner = offset
    offset = end
    // A goodbye (RFC 6762 §10.1) tells what is not any more.
    if (ttl === 0) continue
    if (type === types.ptr) {
      const service = serviceOf(reader.name(owner))
      const instance = reader.name(data)
      if (service !== undefined && heard.services.size < maxServices) heard.services.add(service)
      if (service !== undefined && instance !== undefined) name ??= instanceOf(instance, service)
    } else if (type === types.srv && end - data > 6) {
      hostname ??= hostOf(reader.name(data + 6))
    } else if (type === types.txt) {
      readTxt(packet.subarray(data, end), heard.txt)
    } else if (type === types.a && end - data === 4) {
      hostname ??= hostOf(reader.name(owner))
      if (heard.ips.length < maxAddresses) heard.ips.push([...packet.subarray(data, end)].join('.'))
    } else if (type === types.aaaa && end - data === 16) {
      hostname ??= hostOf(reader.name(owner))
      if (heard.ips6.length < maxAddresses) heard.ips6.push(ip6Text(packet.subarray(data, end)))
    }
  }
  return {
    ...(hostname === undefined ? {} : { hostname }),
    ...(name === undefined ? {} : { name }),
    services: [...heard.services],
    txt: [...heard.txt].map(([key, value]) => `${key}=${value}`),
    ips: heard.ips,
    ips6: heard.ips6,
  }
}

function createReader(packet: Uint8Array) {
  let left = maxNameBytes
  const u16 = (at: number) => ((packet[at] ?? 0) << 8) | (packet[at + 1] ?? 0)

  /** Behind the name at `at`; compression is not followed. */
  function skipName(at: number): number | undefined {
    for (let offset = at; offset < packet.length; ) {
      const length = packet[offset] ?? 0
      if (length === 0) return offset + 1
      if ((length & 0xc0) === 0xc0) return offset + 2 <= packet.length ? offset + 2 : undefined
      if ((length & 0xc0) !== 0) return undefined
      offset += 1 + length
    }
    return undefined
  }

  /** The labels of a name; pointers may only lead backwards (RFC 1035 §4.1.4), so that none goes round. */
  function name(at: number): string[] | undefined {
    const labels: string[] = []
    let offset = at
    let lowest = at
    let total = 0
    for (;;) {
      const length = packet[offset]
      if (length === undefined) return undefined
      if (length === 0) return labels
      if ((length & 0xc0) === 0xc0) {
        const target = u16(offset) & 0x3fff
        if (target >= lowest) return undefined
        lowest = target
        offset = target
        left -= 2
      } else if ((length & 0xc0) !== 0) return undefined
      else {
        total += length + 1
        left -= length + 1
        if (total > 255 || offset + 1 + length > packet.length) return undefined
        labels.push(decode(packet.subarray(offset + 1, offset + 1 + length)))
        offset += 1 + length
      }
      if (left < 0) return undefined
    }
  }
  return { u16, skipName, name }
}

/** `_ipp._tcp.local` → `_ipp._tcp`; undefined for what names no service. */
function serviceOf(labels: readonly string[] | undefined): string | undefined {
  const [service = '', protocol = '', ...rest] = labels ?? []
  if (!/^_[a-z0-9-]{1,15}$/i.test(service) || !/^_(?:tcp|udp)$/i.test(protocol)) return undefined
  return rest.length === 1 && rest[0]?.toLowerCase() === 'local'
    ? `${service}.${protocol}`.toLowerCase()
    : undefined
}

/** The readable first label of an instance of that service. */
function instanceOf(labels: readonly string[], service: string): string | undefined {
  if (serviceOf(labels.slice(1)) !== service) return undefined
  return toShortText(labels[0] ?? '', 80) || undefined
}

function hostOf(labels: readonly string[] | undefined): string | undefined {
  if (labels?.length !== 2 || labels[1]?.toLowerCase() !== 'local') return undefined
  return toShortText(labels[0] ?? '', 63) || undefined
}

function readTxt(data: Uint8Array, txt: Map<string, string>): void {
  for (let offset = 0; offset < data.length && txt.size < maxTxt; ) {
    const length = data[offset] ?? 0
    const text = decode(data.subarray(offset + 1, offset + 1 + length))
    offset += 1 + length
    const equals = text.indexOf('=')
    const key = text.slice(0, equals).toLowerCase()
    // `product=(Star TSP143)`: Bonjour writes it as a PostScript string.
    const value = toShortText(text.slice(equals + 1).replace(/^\((.*)\)$/, '$1'), 120)
    if (equals > 0 && productKeys.has(key) && value !== '' && !txt.has(key)) txt.set(key, value)
  }
}

function ip6Text(bytes: Uint8Array): string {
  const groups = Array.from(
    { length: 8 },
    (_, index) => ((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0),
  )
  return compressIp6(groups)
}

/** RFC 5952: lower case, no leading zeros, the longest run of zeros as `::`. */
export function compressIp6(groups: readonly number[]): string {
  let best = { at: -1, length: 1 }
  for (let at = 0; at < groups.length; ) {
    let length = 0
    while (groups[at + length] === 0) length++
    if (length > best.length) best = { at, length }
    at += Math.max(1, length)
  }
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':')
  return best.at < 0
    ? hex(groups)
    : `${hex(groups.slice(0, best.at))}::${hex(groups.slice(best.at + best.length))}`
}

const utf8 = new TextDecoder('utf-8')
const decode = (bytes: Uint8Array): string => utf8.decode(bytes)
