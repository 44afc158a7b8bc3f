import type { SnmpFacts } from './snmp-facts.ts'

const enterprises = '1.3.6.1.4.1'
/** How far into a maker's subtree is read: what a box is stands in the first groups, its tables after them. */
const maxRows = 3_000
const longestName = 48

/** Model and version as a maker's own MIB tells them, read without knowing the MIB: what looks like one, nearest the root first. */
export interface PrivateWords {
  readonly model?: string
  readonly version?: string
}

/**
 * The first scalars of a maker's subtree that look like a model and a version, else the first rows of its tables. A guess for boxes no
 * rule knows: MIBs differ in their numbers, but nearly all begin with a group that says what the box is.
 */
export function privateWords(facts: SnmpFacts, enterprise: string): PrivateWords {
  const rows = facts.rows(`${enterprises}.${enterprise}`).slice(0, maxRows)
  const scalars = rows.filter(([index]) => index.endsWith('.0'))
  const firstRows = rows.filter(([index]) => /\.1$/.test(index))
  const find = (fits: (text: string) => boolean) =>
    scalars.find(([, text]) => fits(text)) ?? firstRows.find(([, text]) => fits(text))
  const model = find(isModel)
  const beside = model === undefined ? [] : scalars.filter(([index]) => groupOf(index) === groupOf(model[0]))
  const version =
    beside.find(([, text]) => isVersion(text)) ??
    find(isVersion) ??
    beside.find(([, text]) => shortVersion.test(text))
  return {
    ...(model === undefined ? {} : { model: model[1] }),
    ...(version === undefined ? {} : { version: version[1] }),
  }
}

/** The group of a scalar: all but its own number and the zero. */
const groupOf = (index: string): string => index.split('.').slice(0, -2).join('.')

/** "1.04", "V2.3a": a version only beside a model, where a measured value hardly stands. */
const shortVersion = /^v?\d{1,3}\.\d{1,4}[a-z]?$/i

/** What parts the words stands in none of them: else a device could choose a text that takes seconds to refuse. */
const versionText =
  /^(?:(?:fw|sw|firmware|software|ver|version|rev|release|build)[ .:_-]*)*v?\d{1,4}(?:\.\d{1,6}){1,5}[\w.()/-]*(?:[ +]+[\w.()/-]+){0,4}$/i
/** A firmware's file name or label with the version inside it: "RUT2_R_00.07.06.21", "FP231G-v7.4-build0771", "v7.2.6,build1575,230926 (GA)". */
const versionLabel =
  /^(?:\.?v\d+(?:\.\d+)+[-,][\w.,() -]+|[A-Za-z][A-Za-z0-9]{1,11}(?:_R_|[-_. ]v)\d+(?:\.\d+)+[\w.-]*|build \d+\.[\w.]+|[A-Za-z]{2,8}(?:[-_ ]\w{1,4})?[-_ ]v?\d+\.\d+\.\d+[\w.]*(?: #\d+)?)$/i
const address = /^(?:0|10|127|169|172|192|22[4-9]|2[3-5]\d)\.\d{1,3}\.\d{1,3}\.\d{1,3}$/
const date = /^(?:\d{1,2}\.\d{1,2}\.(?:19|20)\d\d|(?:19|20)\d\d[.-]\d{1,2}[.-]\d{1,2})/

/** "2.3.3", "v1.08", "V4.62(AALB.0)", "FW 1.2.7 build 18"; not an address, an OID, a date, or a measured value like "23.5". */
export function isVersion(text: string): boolean {
  if (text.length > longestName) return false
  if (versionLabel.test(text)) return true
  if (!versionText.test(text)) return false
  if (address.test(text) || date.test(text) || /^1\.3\.6\.1\b/.test(text)) return false
  return !/^\d+\.\d+(?: ?[A-Za-z°%]{1,3})?$/.test(text)
}

const notModel =
  /^(?:eth|wan|lan|wlan|port|vlan|if|slot|outlet|bank|phase|input|output|sensor|temp|fan|psu|ppp|usb|sim|ath|radio|group|user|zone|channel|line|unit|module|cpu|public|server|admin|gmt|utc|http|mailto|tcp|udp|ipv\d|\d)/i

/** One name with letters and digits, as makers write models: "RUT240", "Smart-UPS 1500 RM", "SG350-10". */
function isModel(text: string): boolean {
  if (text.length < 3 || text.length > longestName || text.includes('\n') || notModel.test(text)) return false
  if (!/\d/.test(text) || !/[A-Z]/.test(text) || !/^[A-Za-z]/.test(text)) return false
  if (!/^[\w+./() -]+$/.test(text) || text.split(' ').length > 5) return false
  if (isVersion(text) || shortVersion.test(text)) return false
  return !looksLikeSerial(text)
}

/** Long, without a break, mostly digits ("FOC1234X1AB", "0123456789ABCDEF"). */
function looksLikeSerial(text: string): boolean {
  if (/[ ./+-]/.test(text)) return false
  const digits = text.replaceAll(/\D/g, '').length
  return /^[0-9A-F]{8,}$/i.test(text) || (text.length >= 10 && digits * 2 >= text.length)
}
