import { isIP } from 'node:net'
import { UsageError } from '@proactive/shared'
import type { FleetProvider } from '../faults/index.ts'
import type { ProviderOf } from './ports.ts'

const mostRows = 2_000_000

/** The networks of one family and prefix length, by their leading bits. */
interface Level {
  readonly width: number
  readonly bits: number
  readonly providerByPrefix: Map<bigint, FleetProvider>
}

/**
 * Reads the operator's table of providers: one `prefix,AS number,name` a line, e.g. `203.0.113.0/24,64500,Example Net`; `#` begins a remark.
 * The longest prefix that holds an address wins. @throws UsageError that names the first wrong line.
 */
export function parseProviderTable(text: string): ProviderOf {
  const lines = text.split('\n')
  if (lines.length > mostRows) throw new UsageError(`The table of providers has more than ${mostRows} lines.`)
  const levelByName = new Map<string, Level>()
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const [prefix = '', asn = '', ...rest] = line.split(',')
    const [address = '', length = ''] = prefix.trim().split('/')
    const number = /^(?:AS)?(\d{1,10})$/i.exec(asn.trim())?.[1]
    const parsed = toBits(address)
    const bits = Number(length)
    if (parsed === null || !/^\d+$/.test(length) || bits > parsed.width || number === undefined)
      throw new UsageError(
        `Line ${index + 1} of the table of providers is not "prefix,AS number,name": ${line.slice(0, 80)}`,
      )
    const { width, value } = parsed
    const name = `${width}/${bits}`
    const level = levelByName.get(name) ?? { width, bits, providerByPrefix: new Map() }
    levelByName.set(name, level)
    level.providerByPrefix.set(value >> BigInt(width - bits), {
      id: `as${number}`,
      name: rest.join(',').trim().slice(0, 80) || `AS${number}`,
    })
  }
  const levels = [...levelByName.values()].sort((a, b) => b.bits - a.bits)
  return (address) => {
    const parsed = toBits(address)
    if (parsed === null) return null
    for (const { width, bits, providerByPrefix } of levels) {
      if (width !== parsed.width) continue
      const found = providerByPrefix.get(parsed.value >> BigInt(width - bits))
      if (found !== undefined) return found
    }
    return null
  }
}

/** An address as one number of 32 or 128 bits; null where it is none. */
function toBits(text: string): { readonly width: number; readonly value: bigint } | null {
  const plain = text.replace(/^::ffff:(?=\d+\.)/i, '')
  if (isIP(plain) === 4) {
    const value = plain.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n)
    return { width: 32, value }
  }
  if (isIP(plain) !== 6 || plain.includes('.') || plain.includes('%')) return null
  const [head = '', tail] = plain.split('::')
  const front = head === '' ? [] : head.split(':')
  const back = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => '0')
  const words = tail === undefined ? front : [...front, ...zeros, ...back]
  return { width: 128, value: words.reduce((sum, word) => sum * 65_536n + BigInt(`0x${word}`), 0n) }
}
