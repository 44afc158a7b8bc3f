/** What reading a recording gave, and what was left out. */
export interface SnmpRecording {
  /** OID without a leading dot → text; octets that are no text as upper-case hexadecimal digits. */
  readonly values: ReadonlyMap<string, string>
  /** Lines that are no `OID|tag|value`. */
  readonly badLines: number
  /** Lines whose tag names a variation module (`2:delay`): their value is made up at play time. */
  readonly skippedLines: number
  /** Whether the recording was longer than {@link snmprecLimits}. */
  readonly isCut: boolean
}

/** A recording beyond these is cut, not refused: the system group stands at its beginning. */
export const snmprecLimits = { bytes: 16_000_000, lines: 200_000, valueChars: 4_096 } as const

const oidPattern = /^\.?\d{1,10}(?:\.\d{1,10}){1,127}$/
const tagPattern = /^(\d{1,3})(x?)$/
const hexPattern = /^(?:[0-9a-f]{2})*$/i
/** ASN.1 tag numbers that recordings use (RFC 2578 and RFC 3416). */
const knownTags = new Set([2, 4, 5, 6, 64, 65, 66, 67, 68, 70, 128, 129, 130])

/** Reads a recording: one `OID|tag|value` a line, tag = ASN.1 number, with `x` for hexadecimal octets. Never throws. */
export function parseSnmprec(text: string): SnmpRecording {
  const values = new Map<string, string>()
  let badLines = 0
  let skippedLines = 0
  let lines = 0
  let start = 0
  const end = Math.min(text.length, snmprecLimits.bytes)
  while (start < end && lines < snmprecLimits.lines) {
    const newline = text.indexOf('\n', start)
    const stop = newline === -1 ? end : Math.min(newline, end)
    const line = text.slice(start, Math.min(stop, start + snmprecLimits.valueChars)).replace(/\r$/, '')
    start = stop + 1
    lines += 1
    if (line === '' || line.startsWith('#')) continue
    const read = readLine(line)
    if (read === 'bad') badLines += 1
    else if (read === 'skipped') skippedLines += 1
    else values.set(read[0], read[1])
  }
  return { values, badLines, skippedLines, isCut: start < text.length }
}

function readLine(line: string): readonly [string, string] | 'bad' | 'skipped' {
  const first = line.indexOf('|')
  const second = line.indexOf('|', first + 1)
  if (first === -1 || second === -1) return 'bad'
  const oid = line.slice(0, first)
  const tag = line.slice(first + 1, second)
  const value = line.slice(second + 1)
  if (!oidPattern.test(oid)) return 'bad'
  if (/^\d+x?:/.test(tag)) return 'skipped'
  const found = tagPattern.exec(tag)
  if (found === null || !knownTags.has(Number(found[1]))) return 'bad'
  const bare = oid.startsWith('.') ? oid.slice(1) : oid
  if (found[2] !== 'x') return [bare, value.startsWith('.') && found[1] === '6' ? value.slice(1) : value]
  if (!hexPattern.test(value)) return 'bad'
  return [bare, octetsToText(value)]
}

/** Octets as the text they are (UTF-8, else Latin letters), or as hexadecimal digits when they are none. */
function octetsToText(hex: string): string {
  const bytes = new Uint8Array(hex.length / 2)
  for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(hex.slice(at * 2, at * 2 + 2), 16)
  let length = bytes.length
  while (length > 0 && bytes[length - 1] === 0) length -= 1
  const octets = bytes.subarray(0, length)
  const letters = octets.reduce((count, byte) => count + (byte >= 32 && byte !== 127 ? 1 : 0), 0)
  const blanks = octets.reduce((count, byte) => count + (byte === 9 || byte === 10 || byte === 13 ? 1 : 0), 0)
  if (letters + blanks + 2 < octets.length) return hex.toUpperCase()
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets)
  } catch {
    const isText = octets.every(
      (byte) => (byte >= 32 && byte < 127) || byte > 160 || byte === 10 || byte === 13,
    )
    return isText && letters > 8 ? String.fromCharCode(...octets) : hex.toUpperCase()
  }
}
