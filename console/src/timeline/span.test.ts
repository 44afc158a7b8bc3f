import { describe, expect, it } from 'vitest'
import { pan, parseSpan, zoom } from './span.ts'

const hour = 3_600_000
describe('the shown piece of time', () => {
  it('comes from the address, and from nothing that makes no sense', () => {
    expect(parseSpan(new URLSearchParams(`from=${hour}&to=${3 * hour}`))).toEqual({
      fromMs: hour,
      toMs: 3 * hour,
    })
    for (const text of ['', 'from=5&to=1', 'from=x&to=y', `from=${hour}&to=${hour + 10}`])
      expect(parseSpan(new URLSearchParams(text))).toBeUndefined()
  })
  it('never reaches past now', () => {
    const span = { fromMs: 8 * hour, toMs: 9 * hour }
    expect(pan(span, 1, 9.5 * hour)).toEqual({ fromMs: 8.5 * hour, toMs: 9.5 * hour })
    expect(zoom(span, 4, 9 * hour)).toEqual({ fromMs: 5 * hour, toMs: 9 * hour })
  })
})
