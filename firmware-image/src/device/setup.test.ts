import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Places, placesBelow } from './places.ts'
import { setUp } from './setup.ts'

describe('set-up, at each start', () => {
  let root: string
  let places: Places
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'proactive-box-'))
    places = placesBelow(root)
    mkdirSync(places.agentData, { recursive: true })
    mkdirSync(places.bootFs, { recursive: true })
    mkdirSync(join(root, 'dev'))
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const read = (path: string) => readFileSync(path, 'utf8')
  const wifi = { ssid: 'Shop', password: 'very secret', country: 'DE' }

  it('tells a card without configuration what to do', async () => {
    await setUp(places)
    expect(read(places.statusFile)).toMatch(/has no configuration: put proactive\.json .* on this drive/)
    expect(read(places.console)).toMatch(
      /^proactive: Proactive appliance .*\nproactive: This appliance has no configuration/,
    )
    expect(read(join(places.networkDir, '10-eth0.network'))).toContain('DHCP=ipv4')
  })

  it('writes mistakes beside the file, and goes on with the last good configuration', async () => {
    writeFileSync(places.configFile, JSON.stringify({ agent: { networks: ['192.168.1.0/24'] } }))
    await setUp(places)
    writeFileSync(
      places.configFile,
      JSON.stringify({ agent: { networks: ['192.168.1.0/24'] }, network: 'dhcp' }),
    )
    await setUp(places)
    expect(read(places.statusFile)).toMatch(/has mistakes: correct them[\s\S]*- network: (?!is missing)/)
    expect(JSON.parse(read(join(places.agentData, 'agent.json')))).toMatchObject({
      networks: ['192.168.1.0/24'],
    })
  })

  it('takes the Wi-Fi password off the card and still knows it at the next start', async () => {
    writeFileSync(places.configFile, JSON.stringify({ wifi }))
    await setUp(places)
    expect(read(places.configFile)).not.toContain(wifi.password)
    rmSync(places.runDir, { recursive: true })
    await setUp(places)
    expect(read(join(places.runDir, 'wpa.conf'))).toContain('psk="very secret"')
    expect(statSync(join(places.runDir, 'wpa.conf')).mode & 0o077).toBe(0)
    expect(statSync(places.savedConfig).mode & 0o077).toBe(0)
  })

  it('never keeps the claim: it is worth an identity', async () => {
    const token = 'abcdefghijklmnopqrst'
    const claim = { v: 1, url: 'https://cloud.example.net:8443', caSha256: 'a'.repeat(64), token }
    writeFileSync(places.configFile, JSON.stringify({ claim }))
    await setUp(places)
    expect(read(places.savedConfig)).not.toContain(token)
    expect(read(places.statusFile)).toContain('claiming itself')
  })

  it('says so when the data partition is gone', async () => {
    rmSync(places.agentData, { recursive: true })
    await setUp(places)
    expect(read(places.statusFile)).toContain('put the card’s image on a new card')
  })
})
