import { describe, expect, it } from 'vitest'
import { faultCatalog } from '../../test/lab/faults.ts'
import { faultTable } from './fault-table.ts'

describe('the table of faults', () => {
  it('is aligned: every summary starts in the same column', () => {
    const lines = faultTable(faultCatalog).split('\n')
    const starts = faultCatalog.map(({ name, summary }) => {
      const line = lines.find((one) => one.startsWith(`  ${name} `) && one.endsWith(summary))
      return line?.indexOf(summary)
    })
    expect(new Set(starts).size).toBe(1)
    expect(starts[0]).toBeGreaterThan(0)
  })

  it('tells which arguments must be there, what they may be, and what stands for a missing one', () => {
    const table = faultTable(faultCatalog)
    expect(table).toMatch(/pos-down <device> +a POS terminal loses power\n +device: pos-1, pos-2, pos-3\n/)
    expect(table).toMatch(/wan-down \[choice\] .*\n +choice: link, provider \(without it link\)\n/)
  })
})
