import { createServer, type ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { createMetricStore } from './create-metric-store.ts'

describe('choosing the metric store', () => {
  const closers: (() => void)[] = []
  afterEach(() => {
    for (const close of closers.splice(0)) close()
  })
  async function serve(answer: (response: ServerResponse) => void): Promise<string> {
    const server = createServer((_, response) => answer(response))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    closers.push(() => server.close())
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  }
  const influx = (version: string) =>
    serve((response) => response.writeHead(204, { 'x-influxdb-version': version }).end())
  const choose = (influxUrl?: string, token?: string) =>
    createMetricStore({ influxUrl, token, dataDir: 'unused', nowMs: Date.now })

  it('takes the embedded one where no InfluxDB is named', async () => {
    expect((await choose()).name).toBe('sqlite')
  })

  it.each([
    ['1.6.7~rc0', undefined, 'influxdb-1'],
    ['1.8.10', undefined, 'influxdb-1'],
    ['v2.7.12', 'secret', 'influxdb-2'],
    ['3.4.1', 'secret', 'influxdb-2'],
  ])('finds InfluxDB %s by /ping', async (version, token, name) => {
    expect((await choose(await influx(version), token)).name).toBe(name)
  })

  it('says what to do, in one sentence', async () => {
    const gone = await serve((response) => response.destroy())
    const other = await serve((response) => response.end('<html>hello</html>'))
    const locked = await serve((response) => response.writeHead(401).end())
    const tokenless = await influx('v2.7.1')
    const cases = [
      [() => choose('influx.example:8086'), /^PROACTIVE_INFLUX_URL is not an address: write it like/],
      [
        () => choose('http://127.0.0.1:1'),
        /does not answer \(ECONNREFUSED\): start it, mend PROACTIVE_INFLUX_URL, or unset it/,
      ],
      [() => choose(gone), /does not answer \(.+\): start it/],
      [() => choose(other), /is no InfluxDB \(no version at \/ping\)/],
      [() => choose(locked, 'wrong'), /refuses the token \(HTTP 401\): set PROACTIVE_INFLUX_TOKEN/],
      [() => choose(tokenless), /InfluxDB v2\.7\.1 at .+ wants a token: set PROACTIVE_INFLUX_TOKEN/],
    ] as const
    for (const [store, sentence] of cases) await expect(store()).rejects.toThrow(sentence)
  })
})
