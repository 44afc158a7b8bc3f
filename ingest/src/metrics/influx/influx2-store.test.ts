import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { createInflux2Store } from './influx2-store.ts'

/**
 * Reading is proven against documented answers only (docs.influxdata.com/influxdb/v2/reference/syntax/annotated-csv),
 * not on a real InfluxDB 2: none can be had here.
 */
describe('the InfluxDB 2.x/3.x store, against a stub of its documented answers', () => {
  const closers: (() => void)[] = []
  afterEach(() => {
    for (const close of closers.splice(0)) close()
  })

  async function serve(answer: (request: IncomingMessage, body: string, response: ServerResponse) => void) {
    const requests: { url: string; authorization: string | undefined; body: string }[] = []
    const server = createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk
      })
      request.on('end', () => {
        requests.push({ url: request.url ?? '', authorization: request.headers.authorization, body })
        answer(request, body, response)
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const store = createInflux2Store({
      url: `http://127.0.0.1:${port}`,
      token: 'secret',
      nowMs: () => 1_760_000_000_000,
    })
    closers.push(() => {
      void store.stop()
      server.close()
      server.closeAllConnections()
    })
    return { store, requests }
  }

  const csv = (lines: readonly string[]) => `${lines.join('\r\n')}\r\n\r\n`

  it('charts what a windowed reduce answers, and asks for one field of one subject', async () => {
    const { store, requests } = await serve((_, __, response) => {
      response.setHeader('content-type', 'text/csv; charset=utf-8')
      response.end(
        csv([
          '#group,false,false,true,true,false,false,false,false',
          '#datatype,string,long,dateTime:RFC3339,dateTime:RFC3339,double,double,double,double',
          '#default,_result,,,,,,,',
          ',result,table,_start,_stop,high,low,n,total',
          ',,0,2025-10-09T08:53:25Z,2025-10-09T08:54:00Z,4,2,2,6',
          ',,1,2025-10-09T08:55:00Z,2025-10-09T08:56:00Z,9,9,1,9',
        ]),
      )
    })
    const fromMs = Date.parse('2025-10-09T08:53:25Z')
    const series = await store.series('shop-1', {
      family: 'device',
      subject: 'd-1',
      field: 'rttP50Ms',
      fromMs,
      toMs: Date.parse('2025-10-09T09:01:00Z'),
      points: 10,
    })
    expect(series.bucketMs).toBe(60_000)
    expect(series.timesMs[0]).toBe(Date.parse('2025-10-09T08:53:00Z'))
    expect(series.mean).toEqual([3, null, 9, null, null, null, null, null])
    expect(series.max.slice(0, 3)).toEqual([4, null, 9])
    expect(requests[0]).toMatchObject({ url: '/api/v2/query?org=proactive', authorization: 'Token secret' })
    const { query } = JSON.parse(requests[0]?.body ?? '{}') as { query: string }
    expect(query).toContain('r._measurement == "device" and r._field == "rttP50Ms"')
    expect(query).toContain('r.loc == "shop-1" and r.dev == "d-1"')
    expect(query).toContain('window(every: duration(v: "60000ms"))')
  })

  it('tells the newest point of each subject, and no id can break out of the query', async () => {
    const { store, requests } = await serve((_, __, response) => {
      response.setHeader('content-type', 'text/csv; charset=utf-8')
      response.end(
        csv([
          '#group,false,false,false,true,true,true,false,false',
          '#datatype,string,long,dateTime:RFC3339,string,string,string,double,double',
          '#default,_result,,,,,,,',
          ',result,table,_time,_measurement,dev,kind,lossRatio,rttP50Ms',
          ',,0,2025-10-09T08:53:00.5Z,device,d-1,switch,0,1.5',
          ',,1,2025-10-09T08:52:00Z,device,d-1,unknown,,9',
        ]),
      )
    })
    const latest = await store.latest('x") |> drop() //', 1_759_999_000_000)
    expect(latest).toHaveLength(1)
    expect(latest[0]).toMatchObject({ family: 'device', subjectId: 'd-1', kind: 'switch' })
    expect(Object.fromEntries(latest[0]?.fields ?? [])).toEqual({ lossRatio: 0, rttP50Ms: 1.5 })
    const { query } = JSON.parse(requests[0]?.body ?? '{}') as { query: string }
    expect(query).toContain('r.loc == "x\\") |> drop() //"')
  })

  it('counts what a partial write lost, and asks for nothing twice by itself', async () => {
    const { store, requests } = await serve((_, __, response) => {
      response.writeHead(422, { 'content-type': 'application/json' })
      response.end(
        '{"code":"unprocessable entity","message":"partial write: points beyond retention policy dropped=1"}',
      )
    })
    const point = (atMs: number) => ({
      family: 'dns' as const,
      locationId: 'shop-1',
      subjectId: 't-1',
      kind: 'dns',
      atMs,
      fields: new Map([['okRatio', 1]]),
    })
    const points = [point(1_759_999_999_000), point(1_759_999_999_500)]
    expect(await store.write(points)).toEqual({ kind: 'ok', permanent: 1 })
    expect(requests).toHaveLength(1)
    expect(requests[0]?.url).toBe('/api/v2/write?org=proactive&bucket=proactive&precision=ms')
    expect(requests[0]?.body.split('\n')).toHaveLength(2)
  })

  it('keeps the points while the bucket is missing or the token is refused, and says so', async () => {
    const { store } = await serve((_, __, response) => {
      response.writeHead(404, { 'content-type': 'application/json' })
      response.end('{"code":"not found","message":"bucket \\"proactive\\" not found"}')
    })
    const outcome = await store.write([
      {
        family: 'dns',
        locationId: 'shop-1',
        subjectId: 't-1',
        kind: 'dns',
        atMs: 1_759_999_999_000,
        fields: new Map([['okRatio', 1]]),
      },
    ])
    expect(outcome).toMatchObject({ kind: 'retry', reason: 'HTTP 404: bucket "proactive" not found' })
  })
})
