import { describe, expect, it } from 'vitest'
import { createStepPrinter, formatBytes, formatSeconds } from './steps.ts'

describe('progress lines', () => {
  it('say what is being done before it is done, and how long it took', async () => {
    let text = ''
    const step = createStepPrinter((part) => {
      text += part
    })
    const result = await step('building the console', async () => {
      expect(text).toBe('building the console … ')
      return 7
    })
    expect(result).toBe(7)
    expect(text).toMatch(/^building the console … 0\.\d s\n$/)
  })

  it('end with "failed" when the step does', async () => {
    let text = ''
    const step = createStepPrinter((part) => {
      text += part
    })
    await expect(step('fetching', () => Promise.reject(new Error('offline')))).rejects.toThrow('offline')
    expect(text).toBe('fetching … failed\n')
  })

  it.each([
    [430, '0.4 s'],
    [12_340, '12.3 s'],
    [185_000, '3 min 05 s'],
  ])('%i ms reads as %s', (ms, text) => {
    expect(formatSeconds(ms)).toBe(text)
  })

  it.each([
    [800, '1 kB'],
    [28_400_000, '28.4 MB'],
  ])('%i bytes read as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })
})
