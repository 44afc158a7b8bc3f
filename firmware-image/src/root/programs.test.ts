import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseConfig } from '../device/config-file.ts'
import { bundleProgram } from './programs.ts'

const PROJECT = join(import.meta.dirname, '../../..')

describe('a program bundled for the appliance', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'proactive-bundle-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const load = async <Module>(entry: string, name: string): Promise<Module> => {
    await bundleProgram(PROJECT, entry, folder, name)
    return (await import(/* @vite-ignore */ pathToFileURL(join(folder, `${name}.mjs`)).href)) as Module
  }

  it('names mistakes in the same words, and carries no language but English', async () => {
    type ConfigFile = { parseConfig: typeof parseConfig }
    const bundled = await load<ConfigFile>('firmware-image/src/device/config-file.ts', 'config')
    const text = JSON.stringify({ claim: 'half-a-claim', network: 'dhcp', agent: { networks: [7] } })
    expect(bundled.parseConfig(text)).toEqual(parseConfig(text))
    expect(parseConfig(text).kind).toBe('bad')
    expect(readFileSync(join(folder, 'config.mjs'), 'utf8')).not.toMatch(/Ungültig|Entrée invalide/)
  })

  it.each([
    ['agent/src/adapters/appliance-health.ts', 'health', 'readByLibrary'],
    ['agent/src/adapters/snmp-session.ts', 'snmp', 'loadLibrary'],
  ])('finds the libraries that %s loads when they are needed', async (entry, name, ask) => {
    const bundled = await load<Record<string, () => Promise<Record<string, unknown>>>>(entry, name)
    const found = await bundled[ask]?.()
    expect(found?.createSession ?? found?.load1).toBeDefined()
  })

  it('finds Prometheus’ library', async () => {
    type Prometheus = {
      createMetrics: (...args: unknown[]) => () => Promise<string>
    }
    const { createMetrics } = await load<Prometheus>('agent/src/adapters/prometheus.ts', 'prometheus')
    const asked = createMetrics(
      () => {
        throw new Error('the status was asked for')
      },
      () => Promise.reject(new Error('the health was asked for')),
    )
    await expect(asked()).rejects.toThrow(/was asked for/)
  })
})
