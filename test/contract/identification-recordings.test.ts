import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  createSnmpFacts,
  identifyBySnmp,
  parseSnmprec,
  type Verdict,
} from '../../agent/src/identify/index.ts'

/**
 * Measures the rules on recordings of real devices, read where they lie and never copied. `PROACTIVE_RECORDINGS` names the folder: files
 * `<name>.snmprec` and an `expected.json`; without it this suite is skipped, and says so.
 */
const folder = process.env.PROACTIVE_RECORDINGS || undefined

const expectedSchema = z.array(
  z.object({
    recording: z.string(),
    class: z.enum(['printer', 'power', 'wireless', 'firewall', 'network']),
    vendorText: z.string(),
    model: z.string().nullable(),
    version: z.string().nullable(),
  }),
)
type Expected = z.infer<typeof expectedSchema>[number]

const rolesByClass: Readonly<Record<Expected['class'], readonly string[]>> = {
  printer: ['printer'],
  power: ['ups', 'pdu', 'environment'],
  wireless: ['access-point', 'router'],
  firewall: ['firewall', 'router'],
  network: ['router', 'switch', 'firewall', 'access-point', 'modem'],
}
/** Product names under which a recording may know a maker. */
const brandsByVendor = new Map([
  ['Ubiquiti', ['EdgeOS', 'EdgeSwitch', 'UFiber', 'UISP', 'airOS', 'UniFi']],
  ['Palo Alto Networks', ['PanOS', 'PAN-OS']],
  ['Vertiv', ['Liebert']],
  ['Aruba', ['ProCurve']],
])

const bare = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '')

function agree(told: string | undefined, expected: string): boolean {
  const [a, b] = [bare(told ?? ''), bare(expected)]
  return a !== '' && b !== '' && (a.includes(b) || b.includes(a))
}

function isRightKind(verdict: Verdict, expected: Expected): boolean {
  const { vendor } = verdict
  if (vendor === undefined || !rolesByClass[expected.class].includes(verdict.role)) return false
  return [vendor, ...(brandsByVendor.get(vendor) ?? [])].some((name) =>
    bare(expected.vendorText).includes(bare(name)),
  )
}

if (folder === undefined) {
  process.stderr.write(
    '\nSKIPPED: identification on recordings of real devices. Set PROACTIVE_RECORDINGS to a folder of .snmprec files with their expected.json.\n\n',
  )
}

describe.skipIf(folder === undefined)('identification on recordings of real devices', () => {
  it('finds vendor and role of 98 %, model of 90 % and version of 90 %', () => {
    const root = folder ?? ''
    const all = expectedSchema.parse(JSON.parse(readFileSync(join(root, 'expected.json'), 'utf8')))
    const misses: string[] = []
    const share = { kind: [0, 0], model: [0, 0], version: [0, 0] }
    const count = (key: keyof typeof share, isRight: boolean, miss: string) => {
      share[key][1] = (share[key][1] ?? 0) + 1
      if (isRight) share[key][0] = (share[key][0] ?? 0) + 1
      else misses.push(miss)
    }
    for (const expected of all) {
      const file = join(root, `${expected.recording}.snmprec`)
      if (!existsSync(file)) continue
      const verdict = identifyBySnmp(createSnmpFacts(parseSnmprec(readFileSync(file, 'utf8')).values))
      count(
        'kind',
        isRightKind(verdict, expected),
        `${expected.recording}: ${verdict.vendor} ${verdict.role}`,
      )
      if (expected.model !== null)
        count('model', agree(verdict.model, expected.model), `${expected.recording}: model ${verdict.model}`)
      if (expected.version !== null)
        count(
          'version',
          agree(verdict.version, expected.version),
          `${expected.recording}: version ${verdict.version}`,
        )
    }
    const ratio = ([right = 0, total = 0]: readonly number[]) => right / Math.max(1, total)
    expect(share.kind[1], 'recordings found').toBeGreaterThan(0)
    expect(ratio(share.kind), misses.join('\n')).toBeGreaterThanOrEqual(0.98)
    expect(ratio(share.model), misses.join('\n')).toBeGreaterThanOrEqual(0.9)
    expect(ratio(share.version), misses.join('\n')).toBeGreaterThanOrEqual(0.9)
  })
})
