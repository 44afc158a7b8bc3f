import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startWeb, type WebUnderTest } from './web-under-test.ts'

describe("the console's files", () => {
  let web: WebUnderTest
  let dist: string
  beforeAll(async () => {
    dist = mkdtempSync(join(tmpdir(), 'proactive-dist-'))
    mkdirSync(join(dist, 'assets'))
    mkdirSync(join(dist, 'docs', 'runbooks'), { recursive: true })
    writeFileSync(join(dist, 'index.html'), '<!doctype html><title>console</title>')
    writeFileSync(join(dist, 'assets', 'index-1.js'), 'console.log(1)')
    writeFileSync(join(dist, 'assets', 'index-1.js.gz'), gzipSync('console.log(1)'))
    writeFileSync(join(dist, 'docs', 'runbooks', 'router-down.md'), '# The router is down')
    web = await startWeb({ consoleDist: dist })
  })
  afterAll(async () => {
    await web.stop()
    rmSync(dist, { recursive: true, force: true })
  })

  it('leave compressed for browsers that take that, and plain for others', async () => {
    const url = '/assets/index-1.js'
    const packed = await web.app.inject({ url, headers: { 'accept-encoding': 'gzip, br' } })
    expect(packed.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' })
    expect(packed.headers['content-type']).toMatch(/javascript/)
    expect(packed.headers['cache-control']).toContain('immutable')
    expect(gunzipSync(packed.rawPayload).toString()).toBe('console.log(1)')
    const plain = await web.app.inject({ url })
    expect([plain.headers['content-encoding'], plain.body]).toEqual([undefined, 'console.log(1)'])
  })

  it('answer any page of the console with its index, and runbooks as text', async () => {
    const page = await web.app.inject({ url: '/locations/loc-1/devices/dev-1' })
    expect([page.statusCode, page.body]).toEqual([200, '<!doctype html><title>console</title>'])
    const runbook = await web.app.inject({ url: '/docs/runbooks/router-down.md' })
    expect(runbook.headers['content-type']).not.toMatch(/html/)
    expect(runbook.body).toBe('# The router is down')
    for (const url of ['/docs/runbooks/none.md', '/docs/runbooks/..%2f..%2findex.html', '/.hidden.md'])
      expect([url, (await web.app.inject({ url })).body.includes('router is down')]).toEqual([url, false])
  })
})
