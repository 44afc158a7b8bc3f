import { toShortText } from '@proactive/shared'

/** What one SSDP message said about its sender (UPnP Device Architecture 2.0 §1.2, §1.3); the sender's own words. */
export interface SsdpHeard {
  /** Device type or service it announces, or looks for. */
  readonly st?: string
  readonly server?: string
  /** Where its description lies; only `http` on the sender's own address is ever asked. */
  readonly location?: { readonly host: string; readonly port: number; readonly path: string }
}

const maxMessageBytes = 2_048
const maxHeaders = 24

/** Reads an announcement or an answer; undefined for searches, goodbyes and anything else. Never throws. */
export function parseSsdpMessage(packet: Uint8Array): SsdpHeard | undefined {
  if (packet.length < 16 || packet.length > maxMessageBytes) return undefined
  const [start = '', ...lines] = new TextDecoder('latin1').decode(packet).split('\r\n', maxHeaders + 1)
  const isNotify = /^NOTIFY \* HTTP\/1\.[01]$/i.test(start)
  if (!isNotify && !/^HTTP\/1\.[01] 200 /i.test(start)) return undefined
  const headers = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon > 0 && colon <= 32)
      headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
  }
  if (isNotify && headers.get('nts')?.toLowerCase() !== 'ssdp:alive') return undefined
  const st = toShortText(headers.get('nt') ?? headers.get('st') ?? '', 120)
  const server = toShortText(headers.get('server') ?? '', 120)
  const location = parseLocation(headers.get('location') ?? '')
  return {
    ...(st === '' ? {} : { st }),
    ...(server === '' ? {} : { server }),
    ...(location === undefined ? {} : { location }),
  }
}

function parseLocation(text: string): SsdpHeard['location'] {
  const match = /^http:\/\/(\d{1,3}(?:\.\d{1,3}){3})(?::(\d{1,5}))?(\/[!-~]{0,200})?$/i.exec(
    text.slice(0, 256),
  )
  if (match === null) return undefined
  const [, host = '', digits = '80', path = '/'] = match
  const port = Number(digits)
  return port >= 1 && port <= 65_535 ? { host, port, path } : undefined
}

/** What a device says about itself in its UPnP description (§2.3). */
export interface DeviceDescription {
  readonly deviceType?: string
  readonly friendlyName?: string
  readonly manufacturer?: string
  readonly modelName?: string
  readonly modelNumber?: string
  readonly serial?: string
}

/** Longest description that is looked at. */
export const maxDescriptionBytes = 65_536
const elementByKey = {
  deviceType: 'deviceType',
  friendlyName: 'friendlyName',
  manufacturer: 'manufacturer',
  modelName: 'modelName',
  modelNumber: 'modelNumber',
  serial: 'serialNumber',
} as const

/** Reads the root device's words: the first of each element, by plain search – no XML machinery, so nothing in it can expand. Never throws. */
export function parseDescription(text: string): DeviceDescription {
  const xml = text.slice(0, maxDescriptionBytes)
  const found: { -readonly [K in keyof DeviceDescription]: string } = {}
  for (const [key, element] of Object.entries(elementByKey) as [keyof DeviceDescription, string][]) {
    const from = xml.indexOf(`<${element}>`)
    if (from < 0) continue
    const begin = from + element.length + 2
    const end = xml.indexOf('<', begin)
    const value = end < 0 ? '' : toShortText(unescapeXml(xml.slice(begin, Math.min(end, begin + 400))), 120)
    if (value !== '') found[key] = value
  }
  return found
}

const entities = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
])

function unescapeXml(text: string): string {
  return text.replace(/&(\w{2,4});/g, (whole, name: string) => entities.get(name) ?? whole)
}
