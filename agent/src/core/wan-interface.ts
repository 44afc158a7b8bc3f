import { ipToNumber, isInsideAny } from './networks.ts'

/**
 * Which interface of a router leads out: the one of the configured name, else the one whose address lies outside all networks on site.
 * Of several the one nearest to the provider's first hop. undefined = cannot be told.
 */
export function pickWanInterface(facts: {
  /** The router's addresses (`192.0.2.1`) → interface index. */
  readonly indexByAddress: ReadonlyMap<string, number | string>
  /** Interface index → name. */
  readonly nameByIndex: ReadonlyMap<string, number | string>
  readonly networks: readonly string[]
  readonly firstHop: string | undefined
  readonly wantedName: string | undefined
}): number | undefined {
  if (facts.wantedName !== undefined) {
    for (const [index, name] of facts.nameByIndex) if (name === facts.wantedName) return Number(index)
  }
  const outside = [...facts.indexByAddress].flatMap(([ip, index]) =>
    typeof index === 'number' && !ip.startsWith('127.') && !isInsideAny(facts.networks, ip)
      ? [{ ip, index }]
      : [],
  )
  const { firstHop } = facts
  if (firstHop !== undefined) outside.sort((a, b) => distance(a.ip, firstHop) - distance(b.ip, firstHop))
  else if (new Set(outside.map(({ index }) => index)).size > 1) return undefined
  return outside[0]?.index
}

function distance(a: string, b: string): number {
  return Math.abs((ipToNumber(a) ?? 0) - (ipToNumber(b) ?? 0))
}
