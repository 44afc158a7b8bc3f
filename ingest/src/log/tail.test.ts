import { describe, expect, it } from 'vitest'
import type { LogRecord } from './ingest-log.ts'
import { createTail } from './tail.ts'

const record = (offset: number): LogRecord => ({
  partition: 'p00',
  offset,
  receivedAtMs: 0,
  entry: {
    from: 'appliance',
    locationId: 'l',
    applianceId: 'a',
    kind: 'birth',
    payload: new Uint8Array(100),
  },
})

describe('the tail of a partition', () => {
  it('answers from where it begins, and says so when asked for older records', () => {
    const tail = createTail(5, 3_000)
    expect(tail.after(5, 10)).toEqual([])
    expect(tail.after(4, 10)).toBeUndefined()
    for (let offset = 6; offset <= 205; offset++) tail.push(record(offset))
    expect(tail.after(195, 100)).toEqual(Array.from({ length: 10 }, (_, index) => record(196 + index)))
    expect(tail.after(200, 2)?.map(({ offset }) => offset)).toEqual([201, 202])
    expect(tail.after(194, 10)).toBeUndefined()
    expect(tail.after(205, 10)).toEqual([])
  })
})
