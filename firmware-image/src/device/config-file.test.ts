import { describe, expect, it } from 'vitest'
import {
  blankSecrets,
  configSchema,
  parseConfig,
  STORED_PASSWORD,
  USED_CLAIM,
  withSavedSecrets,
} from './config-file.ts'

const claim = {
  v: 1,
  url: 'https://cloud.example.net:8443',
  caSha256: 'a'.repeat(64),
  token: 'abcdefghijklmnopqrst',
}
const claimText = Buffer.from(JSON.stringify(claim)).toString('base64url')
const network = { address: '192.168.1.50/24', gateway: '192.168.1.1', dns: ['192.168.1.1'] }
const wifi = { ssid: 'Shop "Café"', password: 'long enough', country: 'DE' }

const problemsOf = (value: unknown): readonly string[] => {
  const parsed = parseConfig(typeof value === 'string' ? value : JSON.stringify(value))
  return parsed.kind === 'bad' ? parsed.problems : []
}

describe('proactive.json', () => {
  it('takes the claim as the cloud shows it, as its JSON, or spent', () => {
    for (const given of [claim, claimText])
      expect(parseConfig(JSON.stringify({ claim: given }))).toMatchObject({ kind: 'good', config: { claim } })
    expect(parseConfig(JSON.stringify({ claim: USED_CLAIM }))).toMatchObject({ kind: 'good' })
  })

  it('takes a whole configuration, also from an editor that puts a mark in front', () => {
    const value = {
      claim,
      network,
      wifi,
      proxy: 'http://proxy.test:3128',
      ntp: ['10.0.0.1'],
      agent: { networks: ['192.168.1.0/24'] },
    }
    expect(parseConfig(`\uFEFF${JSON.stringify(value)}`)).toMatchObject({
      kind: 'good',
      config: { network, wifi },
    })
  })

  it.each<[string, unknown, RegExp]>([
    ['broken JSON', '{"claim": ', /^The file is not JSON: .*quotes and commas/],
    ['a file of 65 KiB', `"${'x'.repeat(65 * 1024)}"`, /longer than 64 KiB/],
    ['a mistyped name', { clam: claimText }, /^The file: there is no setting "clam"/],
    ['half a claim', { claim: claimText.slice(0, -30) }, /^claim: must be the claim exactly/],
    ['a claim with a line break', { claim: { ...claim, token: 'x\n' } }, /^claim: must be the claim exactly/],
    [
      'an address without prefix',
      { network: { ...network, address: '192.168.1.50' } },
      /^network\.address: .*prefix/,
    ],
    [
      'a missing gateway',
      { network: { ...network, gateway: undefined } },
      /^network\.gateway: must be the address of the router/,
    ],
    [
      'a gateway elsewhere',
      { network: { ...network, gateway: '10.0.0.1' } },
      /^network\.gateway: 10\.0\.0\.1 is not in/,
    ],
    ['itself as gateway', { network: { ...network, gateway: '192.168.1.50' } }, /appliance’s own address/],
    ['a short passphrase', { wifi: { ...wifi, password: 'short' } }, /^wifi\.password: must have at least 8/],
    ['a country in words', { wifi: { ...wifi, country: 'Germany' } }, /^wifi\.country: .*two letters/],
    ['a proxy without http', { proxy: 'proxy:3128' }, /^proxy: must look like/],
    ['an enormous network', { agent: { networks: ['10.0.0.0/8'] } }, /^agent\.networks\.0: /],
  ])('answers %s with one line that names the place', (_name, value, sentence) => {
    expect(problemsOf(value)).toEqual([expect.stringMatching(sentence)])
  })

  it('names every mistake at once', () => {
    expect(problemsOf({ wifi: { ...wifi, country: 'x', password: '' }, proxy: 3 })).toHaveLength(3)
  })

  it('keeps secrets off the card once they are used', () => {
    const text = JSON.stringify({ claim: claimText, wifi, agent: { networks: ['192.168.1.0/24'] } })
    const blanked = blankSecrets(text, { claim: true, password: true })
    expect(blanked).not.toContain(claimText)
    expect(blanked).not.toContain(wifi.password)
    const parsed = parseConfig(blanked)
    expect(parsed).toMatchObject({
      kind: 'good',
      config: { claim: USED_CLAIM, wifi: { password: STORED_PASSWORD } },
    })
    if (parsed.kind === 'good') {
      expect(withSavedSecrets(parsed.config, configSchema.parse({ wifi })).wifi?.password).toBe(wifi.password)
      const other = configSchema.parse({ wifi: { ...wifi, ssid: 'elsewhere' } })
      expect(withSavedSecrets(parsed.config, other).wifi?.password).toBe(STORED_PASSWORD)
    }
  })
})
