import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig } from './config.ts'

const faultsOf = (env: Record<string, string>) => {
  try {
    loadConfig(env)
    return ''
  } catch (error) {
    return String(error)
  }
}

describe('the configuration', () => {
  it('works without any setting, on loopback only', () => {
    const config = loadConfig({})
    expect(config).toMatchObject({
      bind: '127.0.0.1',
      webPort: 8_080,
      mqttPort: 8_883,
      enrollPort: 8_443,
      helpdesk: { kind: 'embedded', url: 'http://127.0.0.1:8090' },
      env: 'dev',
      profile: 'production',
      publicHosts: ['localhost', '127.0.0.1'],
    })
    expect(Object.isFrozen(config)).toBe(true)
  })

  it('takes an empty variable as not set', () => {
    expect(loadConfig({ PROACTIVE_INFLUX_URL: '', PROACTIVE_WEB_PORT: '' })).toMatchObject({ webPort: 8_080 })
  })

  it('tells every fault at once, each by its variable', () => {
    const faults = faultsOf({
      PROACTIVE_WEB_PORT: '70000',
      PROACTIVE_BIND: 'everywhere',
      PROACTIVE_ENV: 'Prod!',
      PROACTIVE_PUBLIC_HOSTS: 'a b',
      PROACTIVE_INFLUX_URL: 'localhost:8086',
    })
    for (const name of ['WEB_PORT', 'BIND', 'ENV', 'PUBLIC_HOSTS', 'INFLUX_URL'])
      expect(faults).toContain(`PROACTIVE_${name}:`)
  })

  it('lets the web leave the machine only with TLS or behind a proxy', async () => {
    expect(faultsOf({ PROACTIVE_BIND: '0.0.0.0' })).toContain('PROACTIVE_TLS_CERT and PROACTIVE_TLS_KEY')
    expect(loadConfig({ PROACTIVE_BIND: '0.0.0.0', PROACTIVE_BEHIND_PROXY: '1' }).isBehindProxy).toBe(true)
    const folder = await mkdtemp(join(tmpdir(), 'proactive-config-'))
    const file = join(folder, 'any.pem')
    await writeFile(file, 'PEM')
    const tls = { PROACTIVE_TLS_CERT: file, PROACTIVE_TLS_KEY: file }
    expect(loadConfig({ PROACTIVE_BIND: '0.0.0.0', ...tls }).tls).toEqual({ cert: 'PEM', key: 'PEM' })
    expect(faultsOf({ PROACTIVE_TLS_CERT: file })).toContain('belong together')
    expect(faultsOf({ PROACTIVE_TLS_CERT: join(folder, 'no.pem'), PROACTIVE_TLS_KEY: file })).toContain(
      'ENOENT',
    )
    expect(faultsOf({ PROACTIVE_PROVIDER_TABLE: join(folder, 'no.csv') })).toContain('no.csv cannot be read')
    await rm(folder, { recursive: true })
  })

  it('keeps the three ports apart', () => {
    expect(faultsOf({ PROACTIVE_MQTT_PORT: '8080' })).toContain('must differ')
    expect(loadConfig({ PROACTIVE_MQTT_PORT: '0', PROACTIVE_WEB_PORT: '0' }).mqttPort).toBe(0)
  })
})
