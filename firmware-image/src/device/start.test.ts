import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Places, placesBelow } from './places.ts'
import { isClaimOpen, letAgentGo } from './start.ts'

describe('the claim at a start', () => {
  let root: string
  let places: Places
  const write = (path: string, text: string) => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  const claim = {
    v: 1,
    url: 'https://cloud.example.net:8443',
    caSha256: 'a'.repeat(64),
    token: 'abcdefghijklmnopqrst',
  }
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'proactive-start-'))
    places = placesBelow(root)
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  it('is open until it is spent', () => {
    expect(isClaimOpen(places)).toBe(false)
    write(places.configFile, JSON.stringify({ claim }))
    expect(isClaimOpen(places)).toBe(true)
    write(places.configFile, JSON.stringify({ claim: 'used' }))
    expect(isClaimOpen(places)).toBe(false)
  })

  it('waits for a reset that comes first', () => {
    write(places.configFile, JSON.stringify({ claim }))
    write(places.resetFile, '')
    expect(isClaimOpen(places)).toBe(false)
  })

  it('is settled by the next process where the one that spent it ended before the agent was let go', () => {
    write(places.configFile, JSON.stringify({ claim: 'used' }))
    write(places.claimingFile, 'yes\n')
    expect(isClaimOpen(places)).toBe(true)
  })

  it('is settled once the agent is started, and by the next process where that failed', async () => {
    write(places.configFile, JSON.stringify({ claim: 'used' }))
    write(join(places.agentData, 'identity/identity.json'), '{}')
    write(places.claimingFile, 'yes\n')
    const failing = letAgentGo(places, () => Promise.reject(new Error('systemctl start failed')))
    await expect(failing).rejects.toThrow('systemctl start failed')
    expect(isClaimOpen(places)).toBe(true)
    let wasOpen = true
    await letAgentGo(places, async () => {
      wasOpen = isClaimOpen(places)
    })
    expect([wasOpen, isClaimOpen(places)]).toEqual([false, false])
  })
})
