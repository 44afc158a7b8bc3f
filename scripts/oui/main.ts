import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { z } from 'zod'
import { makerOfRegistryName, makers } from './makers.ts'

/**
 * Writes agent/src/rules/oui.json from the IEEE registry that the package `oui-data` carries (BSD-2-Clause): maker → its prefixes of 24,
 * 28 or 36 bits. Run again when the package is raised: `node scripts/oui/main.ts`.
 */
const target = new URL('../../agent/src/rules/oui.json', import.meta.url)
const registry = createRequire(new URL('../../agent/package.json', import.meta.url)).resolve('oui-data')
const blocks = z
  .record(z.string().regex(/^[0-9A-F]{6,9}$/), z.string())
  .parse(JSON.parse(readFileSync(registry, 'utf8')))

const prefixesByVendor = new Map<string, string[]>(makers.map(([vendor]) => [vendor, []]))
for (const [prefix, text] of Object.entries(blocks)) {
  const [line = ''] = text.split('\n')
  const vendor = makerOfRegistryName(line)
  if (vendor !== undefined) prefixesByVendor.get(vendor)?.push(prefix.toLowerCase())
}

const lines = [...prefixesByVendor]
  .filter(([, prefixes]) => prefixes.length > 0)
  .map(([vendor, prefixes]) => `  ${JSON.stringify(vendor)}: ${JSON.stringify(prefixes.sort().join(' '))}`)
writeFileSync(target, `{\n${lines.join(',\n')}\n}\n`)

const missing = [...prefixesByVendor]
  .filter(([, prefixes]) => prefixes.length === 0)
  .map(([vendor]) => vendor)
const count = [...prefixesByVendor.values()].reduce((sum, prefixes) => sum + prefixes.length, 0)
process.stdout.write(`${count} prefixes of ${lines.length} makers\n`)
if (missing.length > 0) process.stdout.write(`without a prefix: ${missing.join(', ')}\n`)
