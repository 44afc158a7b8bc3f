import { describe, expect, it } from 'vitest'
import type { Point } from '../metric-store.ts'
import { writeSplitting } from './split-write.ts'
import { readWriteResponse } from './write-response.ts'

const point = (atMs: number): Point => ({
  family: 'dns',
  locationId: 'shop-1',
  subjectId: 't-1',
  kind: 'dns',
  atMs,
  fields: new Map([['okRatio', 1]]),
})

describe('what a server says to a write', () => {
  const cases = [
    { what: 'all in', status: 204, body: '', kind: 'stored', dropped: 0 },
    {
      what: 'a type conflict loses the points it names (1.6.7)',
      status: 400,
      body: '{"error":"partial write: field type conflict: input field \\"x\\" on measurement \\"dev\\" is type float, already exists as type integer dropped=2"}',
      kind: 'stored',
      dropped: 2,
    },
    {
      what: 'points beyond retention are lost (1.6.7)',
      status: 400,
      body: '{"error":"partial write: points beyond retention policy dropped=1"}',
      kind: 'stored',
      dropped: 1,
    },
    {
      what: 'the same as 422 (2.x)',
      status: 422,
      body: '{"code":"unprocessable entity","message":"failure writing points to database: partial write: points beyond retention policy dropped=3"}',
      kind: 'stored',
      dropped: 3,
    },
    {
      what: 'lines that it cannot read are lost though it says dropped=0 (1.6.7)',
      status: 400,
      body: '{"error":"partial write: unable to parse \'garbage\': missing fields\\nunable to parse \'x y\': invalid field format dropped=0"}',
      kind: 'stored',
      dropped: 2,
    },
    { what: 'refused as a whole', status: 400, body: '{"error":"unable to parse"}', kind: 'refused' },
    { what: 'too large', status: 413, body: '', kind: 'refused' },
    { what: 'overloaded', status: 503, body: 'busy', kind: 'retry' },
    {
      what: 'a full cache',
      status: 500,
      body: '{"error":"engine: cache-max-memory-size exceeded"}',
      kind: 'retry',
    },
    {
      what: 'no such bucket: somebody has to make it',
      status: 404,
      body: '{"code":"not found"}',
      kind: 'retry',
    },
    { what: 'wrong token: somebody has to mend it', status: 401, body: '', kind: 'retry' },
  ]
  it.each(cases)('$what', ({ status, body, ...expected }) => {
    const { what: _, ...answer } = expected
    expect(readWriteResponse(status, body, undefined)).toMatchObject(answer)
  })

  it('waits as long as the server asks for, within bounds', () => {
    expect(readWriteResponse(429, '', '7')).toMatchObject({ afterMs: 7_000 })
    expect(readWriteResponse(429, '', '86400')).toMatchObject({ afterMs: 60_000 })
    expect(readWriteResponse(429, '', 'soon')).toMatchObject({ afterMs: 1_000 })
  })
})

describe('a batch that is refused as a whole', () => {
  it('loses only the lines that are at fault', async () => {
    const stored = new Set<number>()
    const outcome = await writeSplitting(
      Array.from({ length: 1_000 }, (_, index) => point(index)),
      async (points) => {
        if (points.some(({ atMs }) => atMs === 17 || atMs === 900))
          return { kind: 'refused', reason: 'HTTP 400' }
        for (const { atMs } of points) stored.add(atMs)
        return { kind: 'stored', dropped: 0 }
      },
    )
    expect(outcome).toEqual({ kind: 'ok', permanent: 2 })
    expect(stored.size).toBe(998)
  })

  it('is kept when the server refuses everything: then the server is at fault', async () => {
    let requests = 0
    const outcome = await writeSplitting(
      Array.from({ length: 1_000 }, (_, index) => point(index)),
      async () => {
        requests++
        return { kind: 'refused', reason: 'HTTP 400: not here' }
      },
    )
    expect(outcome).toMatchObject({ kind: 'retry', reason: 'HTTP 400: not here' })
    expect(requests).toBeLessThan(100)
  })
})
