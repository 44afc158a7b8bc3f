import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UsageError } from '@proactive/shared'
import { afterEach, describe, expect, it } from 'vitest'
import { loadInstallation } from './load-settings.ts'
import { parseSettings } from './settings.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})
function dataDir(): string {
  const folder = mkdtempSync(join(tmpdir(), 'proactive-settings-'))
  folders.push(folder)
  return folder
}

describe('settings', () => {
  it('look at no network unless one is named', () => {
    expect(parseSettings('{}', 'agent.json')).toMatchObject({
      networks: [],
      uplinks: [],
      telemetrySeconds: 30,
    })
  })

  it.each([
    ['{', /^agent\.json is not JSON .*: correct it/],
    ['{"networks": ["192.0.2.0/16"]}', /^agent\.json: networks\.0: a network must be \/22 or smaller/],
    ['{"netwroks": []}', /^agent\.json: there is no setting "netwroks"; remove it or correct its name\.$/],
    ['{"uplinks": [{"id": "a b", "interface": "eth0"}]}', /^agent\.json: uplinks\.0\.id: /],
    ['{"uplinks": [{"id":"a","interface":"x"},{"id":"a","interface":"y"}]}', /"a" stands twice/],
    ['{"telemetrySeconds": 1}', /^agent\.json: telemetrySeconds: /],
  ])('%s end in one sentence', (text, sentence) => {
    const parse = () => parseSettings(text, 'agent.json')
    expect(parse).toThrow(UsageError)
    expect(parse).toThrow(sentence)
  })

  it('are found by option, environment and data folder, in this order', () => {
    const folder = dataDir()
    const write = (name: string, telemetrySeconds: number) => {
      writeFileSync(join(folder, name), JSON.stringify({ telemetrySeconds }))
      return join(folder, name)
    }
    write('agent.json', 10)
    const env = { PROACTIVE_DATA: folder }
    expect(loadInstallation(env).settings.telemetrySeconds).toBe(10)
    const named = { ...env, PROACTIVE_AGENT_CONFIG: write('named.json', 20) }
    expect(loadInstallation(named).settings.telemetrySeconds).toBe(20)
    expect(loadInstallation(named, write('option.json', 30)).settings.telemetrySeconds).toBe(30)
    expect(() => loadInstallation(env, join(folder, 'nowhere.json'))).toThrow(/There is no settings file/)
  })

  it('take a community only from a file that others cannot read', () => {
    const folder = dataDir()
    const file = join(folder, 'community')
    writeFileSync(file, 'secret\n')
    writeFileSync(join(folder, 'agent.json'), JSON.stringify({ snmpCommunityFile: file }))
    chmodSync(file, 0o644)
    expect(() => loadInstallation({ PROACTIVE_DATA: folder })).toThrow(/run chmod 600/)
    chmodSync(file, 0o600)
    expect(loadInstallation({ PROACTIVE_DATA: folder }).snmpCommunity).toBe('secret')
    const env = { PROACTIVE_DATA: folder, PROACTIVE_SNMP_COMMUNITY: 'other' }
    expect(loadInstallation(env).snmpCommunity).toBe('other')
  })
})
