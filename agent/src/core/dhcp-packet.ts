import { toShortText } from '@proactive/shared'
import type { DhcpHeard } from '../ports/index.ts'

/** RFC 2131 §2: fixed fields up to the options, then the magic cookie. */
const optionsOffset = 240
const magicCookie = 0x63825363
const maxPacketBytes = 1_500

const messageTypes = new Map<number, DhcpHeard['messageType']>([
  [1, 'discover'],
  [3, 'request'],
  [4, 'decline'],
  [7, 'release'],
  [8, 'inform'],
])

/** RFC 2132 option numbers that tell something about a client. */
const options = {
  hostname: 12,
  requestedIp: 50,
  messageType: 53,
  serverId: 54,
  parameterList: 55,
  vendorClass: 60,
  clientId: 61,
} as const

/** Reads what a DHCP client broadcast; undefined for anything else, however broken. Never throws. */
export function parseDhcpRequest(packet: Uint8Array): DhcpHeard | undefined {
  if (packet.length < optionsOffset || packet.length > maxPacketBytes) return undefined
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength)
  const [op, hardwareType, hardwareLength] = [packet[0], packet[1], packet[2]]
  // Only requests of Ethernet clients.
  if (op !== 1 || hardwareType !== 1 || hardwareLength !== 6) return undefined
  if (view.getUint32(optionsOffset - 4) !== magicCookie) return undefined
  const mac = hex(packet.subarray(28, 34), ':')
  if (/^(?:00:){5}00$|^(?:ff:){5}ff$/.test(mac)) return undefined

  const valueByOption = readOptions(packet)
  const messageType = messageTypes.get(valueByOption.get(options.messageType)?.[0] ?? 0)
  if (messageType === undefined) return undefined
  const ciaddr = address(packet.subarray(12, 16))
  const hostname = text(valueByOption.get(options.hostname), 64)
  const vendorClass = text(valueByOption.get(options.vendorClass), 100)
  const requestedIp = address(valueByOption.get(options.requestedIp)) ?? ciaddr
  const serverId = address(valueByOption.get(options.serverId))
  const parameterList = valueByOption.get(options.parameterList)?.subarray(0, 48).join(',')
  const clientId = valueByOption.get(options.clientId)
  return {
    mac,
    messageType,
    ...(hostname === undefined ? {} : { hostname }),
    ...(vendorClass === undefined ? {} : { vendorClass }),
    ...(parameterList === undefined || parameterList === '' ? {} : { parameterList }),
    ...(requestedIp === undefined ? {} : { requestedIp }),
    ...(serverId === undefined ? {} : { serverId }),
    // A client id that is the MAC again (type 1) says nothing new.
    ...(clientId === undefined || clientId[0] === 1 || clientId.length === 0
      ? {}
      : { clientId: hex(clientId.subarray(0, 32), '') }),
  }
}

function readOptions(packet: Uint8Array): Map<number, Uint8Array> {
  const values = new Map<number, Uint8Array>()
  let offset = optionsOffset
  while (offset < packet.length) {
    const code = packet[offset] ?? 255
    if (code === 255) break
    if (code === 0) {
      offset++
      continue
    }
    const length = packet[offset + 1]
    if (length === undefined || offset + 2 + length > packet.length) break
    if (!values.has(code)) values.set(code, packet.subarray(offset + 2, offset + 2 + length))
    offset += 2 + length
  }
  return values
}

function text(bytes: Uint8Array | undefined, max: number): string | undefined {
  if (bytes === undefined) return undefined
  const clean = toShortText(new TextDecoder('utf-8').decode(bytes), max)
  return clean === '' ? undefined : clean
}

function address(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined || bytes.length !== 4 || bytes.every((byte) => byte === 0)) return undefined
  return [...bytes].join('.')
}

function hex(bytes: Uint8Array, separator: string): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(separator)
}
