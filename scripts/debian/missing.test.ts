import { describe, expect, it } from 'vitest'
import { explainMissing } from './missing.ts'

describe('what the user reads about missing tools', () => {
  it('is one sentence per cause, with the command', () => {
    const unreachable = { cause: 'unreachable', detail: 'no route' } as const
    const sentences = explainMissing([
      { name: 'fping', absence: unreachable },
      {
        name: 'influxdb',
        absence: { cause: 'unknown-package', detail: 'Unable to locate package influxdb' },
      },
      { name: 'dnsmasq', absence: unreachable },
    ])
    expect(sentences).toHaveLength(2)
    expect(sentences[0]).toMatch(/^Missing: fping, dnsmasq\. .*no route.* fping dnsmasq-base$/)
    expect(sentences[1]).toMatch(/^Missing: influxdb\. .*Unable to locate/)
  })

  it('is nothing when nothing is missing', () => {
    expect(explainMissing([])).toEqual([])
  })
})
