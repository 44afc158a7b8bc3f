/** What a device answered by SNMP: from a walk, a recording, or a few scalars. */
export interface SnmpFacts {
  /** The value of one OID as text; undefined when it told nothing worth reading. */
  text(oid: string): string | undefined
  /** Rows of a column or subtree: what stands behind the OID, and the value. In the order they were told. */
  rows(oid: string): readonly (readonly [index: string, text: string])[]
  readonly size: number
}

/** What agents write where they have nothing to say. */
const emptyWords = new Set([
  ...[
    'n/a',
    'na',
    'none',
    'null',
    'unknown',
    'not specified',
    'not available',
    'unspecified',
    'default string',
  ],
  ...['to be filled by o.e.m.', '<private>', 'redacted', '-', '--', '.', '?', 'no such instance', '(none)'],
])

const maxTextLength = 1_024

/** Facts over OID → text. Keys without a leading dot. */
export function createSnmpFacts(values: ReadonlyMap<string, string>): SnmpFacts {
  const rowsByColumn = new Map<string, readonly (readonly [string, string])[]>()
  return {
    size: values.size,
    text: (oid) => readable(values.get(oid)),
    rows(oid) {
      const known = rowsByColumn.get(oid)
      if (known !== undefined) return known
      const start = `${oid}.`
      const rows: [string, string][] = []
      for (const [key, raw] of values) {
        if (!key.startsWith(start)) continue
        const text = readable(raw)
        if (text !== undefined) rows.push([key.slice(start.length), text])
      }
      rowsByColumn.set(oid, rows)
      return rows
    },
  }
}

/** Text without control characters and padding; undefined for nothing and for words that mean nothing. */
function readable(raw: string | undefined): string | undefined {
  if (raw === undefined) return undefined
  let text = ''
  for (const char of raw.slice(0, maxTextLength)) {
    const code = char.codePointAt(0) ?? 0
    if (code === 10 || code === 13 || code === 9) text += '\n'
    else if (code >= 32 && code !== 127 && code !== 0xfffd) text += char
  }
  text = text.trim()
  return text === '' || emptyWords.has(text.toLowerCase()) ? undefined : text
}
