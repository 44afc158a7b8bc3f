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
  let inOrder: readonly Told[] | undefined
  return {
    size: values.size,
    text: (oid) => readable(values.get(oid)),
    rows(oid) {
      const known = rowsByColumn.get(oid)
      if (known !== undefined) return known
      inOrder ??= sortByOid(values)
      const start = `${oid}.`
      const held: Told[] = []
      for (let at = firstFrom(inOrder, start); at < inOrder.length; at++) {
        const one = inOrder[at]
        if (one === undefined || !one.oid.startsWith(start)) break
        held.push(one)
      }
      const rows = held
        .sort((a, b) => a.told - b.told)
        .flatMap(({ oid: key, raw }) => {
          const text = readable(raw)
          return text === undefined ? [] : [[key.slice(start.length), text] as const]
        })
      rowsByColumn.set(oid, rows)
      return rows
    },
  }
}

interface Told {
  readonly oid: string
  readonly raw: string
  /** Place in the order they were told. */
  readonly told: number
}

/** A walk of a large switch holds 10^5 values, and the rules ask for some hundred subtrees: sorted once, each is found at once. */
function sortByOid(values: ReadonlyMap<string, string>): readonly Told[] {
  const all = [...values].map(([oid, raw], told) => ({ oid, raw, told }))
  return all.sort((a, b) => (a.oid < b.oid ? -1 : 1))
}

function firstFrom(sorted: readonly Told[], start: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle]?.oid ?? '') < start) low = middle + 1
    else high = middle
  }
  return low
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
