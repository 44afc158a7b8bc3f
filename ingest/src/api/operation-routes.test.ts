import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Counter, Registry } from 'prom-client'
import { afterEach, describe, expect, it } from 'vitest'
import { openMetricsSocket } from './metrics-socket.ts'
import type { ReadinessCheck } from './ports.ts'
import { startWeb, type WebUnderTest } from './web-under-test.ts'

let web: WebUnderTest
afterEach(() => web?.stop())

describe('operation', () => {
  it('is ready only when every part is, and says which is not', async () => {
    const checks: ReadinessCheck[] = [{ name: 'log', isReady: true }]
    web = await startWeb({ readiness: async () => checks })
    expect((await web.app.inject('/readyz')).statusCode).toBe(200)
    checks.push({ name: 'store', isReady: false, detail: 'InfluxDB does not answer.' })
    const response = await web.app.inject('/readyz')
    expect([response.statusCode, response.json().checks[1]]).toEqual([503, checks[1]])
    expect((await web.app.inject('/healthz')).json()).toEqual({ status: 'ok' })
  })

  it('shows its numbers to this machine only', async () => {
    web = await startWeb()
    const status = async (remoteAddress: string, headers = {}) =>
      (await web.app.inject({ url: '/metrics', remoteAddress, headers })).statusCode
    expect(await status('127.0.0.1')).toBe(200)
    expect(await status('192.0.2.1')).toBe(404)
    expect(await status('127.0.0.1', { 'x-forwarded-for': '203.0.113.9' })).toBe(404)
    expect(await status('127.0.0.1', { forwarded: 'for=203.0.113.9' })).toBe(404)
  })

  it('shows them to nobody on the web port behind a proxy, where everybody looks local', async () => {
    web = await startWeb({ isBehindProxy: true })
    expect((await web.app.inject('/metrics')).statusCode).toBe(404)
  })

  it('shows them on a socket that only its owner may open, also after a killed run left one', async () => {
    web = await startWeb()
    const folder = mkdtempSync(join(tmpdir(), 'proactive-metrics-'))
    const path = join(folder, 'metrics.sock')
    const registry = new Registry()
    new Counter({ name: 'proactive_test_total', help: 'a test', registers: [registry] }).inc()
    await openMetricsSocket(path, registry).then((killed) => killed.stop())
    const socket = await openMetricsSocket(path, registry)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(await get(path, '/metrics')).toContain('proactive_test_total 1')
    expect(await get(path, '/else')).toBe('')
    await socket.stop()
    rmSync(folder, { recursive: true })
  })

  it('describes every route of the API as OpenAPI 3.1', async () => {
    web = await startWeb()
    const document = (await web.app.inject('/api/openapi.json')).json()
    expect(document.openapi).toBe('3.1.0')
    const described = Object.keys(document.paths)
    const missing = web.routes
      .map(({ url }) => url.replaceAll(/:(\w+)/g, '{$1}'))
      .filter((url) => url.startsWith('/api/') && url !== '/api/openapi.json' && !described.includes(url))
    expect(missing).toEqual([])
  })
})

function get(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, path }, (response) => {
      let body = ''
      response.on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () => resolve(body))
    })
    asking.on('error', reject)
    asking.end()
  })
}
