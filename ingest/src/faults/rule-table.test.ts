import { existsSync, readFileSync } from 'node:fs'
import { faultClasses } from '@proactive/shared'
import { describe, expect, it } from 'vitest'
import { ruleTable } from './rule-table.ts'
import { rankOf, rules } from './rules.ts'

const docs = new URL('../../../docs/', import.meta.url)

describe('the table of causes', () => {
  it('stands in docs/fault-rules.md as it is in force (to bring it up to date, paste what is expected here)', () => {
    expect(readFileSync(new URL('fault-rules.md', docs), 'utf8')).toContain(ruleTable())
  })

  it.each([...faultClasses])('%s has a name, words and an article', (faultClass) => {
    const rule = rules[faultClass]
    for (const text of [rule.name, rule.evidence, rule.headline, rule.symptoms, rule.diagnosis])
      expect(text).not.toBe('')
    expect(rule.holdMs).toBeGreaterThanOrEqual(0)
    expect(rule.clearMs).toBeGreaterThan(0)
    expect(existsSync(new URL(`runbooks/${faultClass}.md`, docs))).toBe(true)
  })

  it('explains only what is farther from the root, or what was not known yet', () => {
    for (const faultClass of faultClasses) {
      for (const other of rules[faultClass].explains) {
        if (other === 'location-dark' || (faultClass === 'appliance-cable' && other === 'router-down'))
          continue
        expect([faultClass, other, rankOf(other) > rankOf(faultClass) || faultClass === 'power-cut']).toEqual(
          [faultClass, other, true],
        )
      }
    }
  })
})
