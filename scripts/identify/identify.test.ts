import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createSnmpFacts, identifyBySnmp } from '../../agent/src/identify/index.ts'
import { runIdentify } from './run.ts'

interface SnmpCase {
  readonly title: string
  readonly snmp: Record<string, string>
  readonly expected: {
    readonly role: string
    readonly vendor: string | null
    readonly model: string | null
    readonly version: string | null
  }
}

const fixtures = new URL('../../test/fixtures/identify/', import.meta.url)
const cases = JSON.parse(readFileSync(new URL('snmp-cases.json', fixtures), 'utf8')) as SnmpCase[]

describe('identification by SNMP', () => {
  it.each(cases)('knows: $title', ({ snmp, expected }) => {
    const { role, vendor, model, version } = identifyBySnmp(createSnmpFacts(new Map(Object.entries(snmp))))
    expect({ role, vendor: vendor ?? null }).toEqual({ role: expected.role, vendor: expected.vendor })
    expect(model ?? null).toBe(expected.model)
    expect(version ?? null).toBe(expected.version)
  })

  it('tells why, in words that can be checked', () => {
    const facts = createSnmpFacts(new Map([['1.3.6.1.2.1.1.2.0', '1.3.6.1.4.1.14988.1']]))
    expect(identifyBySnmp(facts).evidence).toEqual(['RouterOS: sysObjectID 1.3.6.1.4.1.14988.1'])
  })
})

describe('npm run identify', () => {
  async function run(...argv: string[]) {
    const lines: string[] = []
    const errors: string[] = []
    const code = await runIdentify(argv, {
      out: (line) => lines.push(line),
      err: (line) => errors.push(line),
    })
    return { code, lines, errors }
  }

  it('prints one object a line for each recording of a folder', async () => {
    const { code, lines } = await run('--snmprec', new URL('recordings', fixtures).pathname, '--json')
    expect(code).toBe(0)
    const objects = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(objects.map(({ recording, role, vendor }) => ({ recording, role, vendor }))).toEqual([
      { recording: 'label-printer', role: 'printer', vendor: 'Zebra' },
      { recording: 'shop-router', role: 'router', vendor: 'MikroTik' },
    ])
    expect(Object.keys(objects[0] ?? {})).toEqual([
      'recording',
      'role',
      'vendor',
      'model',
      'version',
      'serial',
      'confidence',
      'evidence',
    ])
  })

  it('says in one sentence what is wrong with its arguments', async () => {
    expect(await run()).toMatchObject({ code: 2, errors: [expect.stringContaining('--snmprec')] })
    expect(await run('--snmprec', '/nowhere/at/all')).toMatchObject({
      code: 2,
      errors: [
        'The recording /nowhere/at/all cannot be read (ENOENT): name a .snmprec file or a folder of them.',
      ],
    })
    expect(await run('--evidence', '/nowhere.json')).toMatchObject({
      code: 2,
      errors: [expect.stringMatching(/^The evidence \/nowhere\.json cannot be read \(ENOENT\)/)],
    })
  })
})
