/**
 * The town in a postal address as people write it: "Hauptstr. 1, 10115 Berlin" and "5 Main St, Springfield 62701" both name theirs beside the
 * postal code. Undefined where no part of the address has one.
 */
export function regionOf(address: string | null): string | undefined {
  if (address === null) return undefined
  for (const part of address.split(/[,\n]/).toReversed()) {
    const code = /(?:^|\s)(?:[A-Z]{1,2}-)?\d{4,6}(?:-\d{4})?(?=\s|$)/u.exec(part)
    if (code === null) continue
    const town = part.replace(code[0], ' ').replaceAll(/\s+/g, ' ').trim()
    if (/^\p{L}[\p{L} .'’()/-]*$/u.test(town)) return town.slice(0, 60)
  }
  return undefined
}
