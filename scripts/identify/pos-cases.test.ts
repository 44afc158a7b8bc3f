import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { identifyByEvidence } from '../../agent/src/identify/index.ts'
import { parseEvidenceFile, withMaker } from './evidence-file.ts'

const folder = new URL('../../test/fixtures/identify/pos/', import.meta.url)
const expectedSchema = z.strictObject({
  role: z.string(),
  vendor: z.string().nullable(),
  model: z.string().nullable(),
})

for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  describe(`identification by evidence: ${file.replace('.json', '')}`, () => {
    it.each(parseEvidenceFile(readFileSync(new URL(file, folder), 'utf8')))('$recording', (one) => {
      const { role, vendor, model, confidence } = identifyByEvidence(withMaker(one), one.isGateway)
      expect({ role, vendor: vendor ?? null, model: model ?? null }).toEqual(
        expectedSchema.parse(one.expected),
      )
      expect(confidence).toBeGreaterThan(0)
      expect(confidence).toBeLessThanOrEqual(1)
    })
  })
}

describe('an evidence file', () => {
  it('is refused with the place of the mistake', () => {
    expect(() => parseEvidenceFile('{"mac":"no address"}')).toThrow(/mac/)
    expect(() => parseEvidenceFile('{"dhcp":{"hostname":5}}')).toThrow(/hostname/)
  })
})
