import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { hashSources } from '../../firmware-image/src/build.ts'
import { projectRoot } from '../setup/project-root.ts'
import type { FirmwareCase, Images } from './case.ts'
import { firmwareFolder } from './images.ts'
import type { CaseResult } from './report.ts'

const resultSchema = z.object({
  name: z.string(),
  isOk: z.boolean(),
  words: z.string(),
  seconds: z.number(),
  cpuSeconds: z.number(),
  load: z.number(),
})
const keptSchema = z.record(z.string(), z.object({ inputs: z.string(), result: resultSchema }))

const file = join(firmwareFolder, 'results.json')

/** What the cases showed so far, each with the inputs of the images it was shown on. */
export interface KeptResults {
  /** The result of the same case on the same images, if it held. */
  find(one: FirmwareCase): CaseResult | undefined
  keep(one: FirmwareCase, result: CaseResult): Promise<void>
}

/** A long matrix that one case broke need not be run anew from its beginning. */
export async function openResults(images: Images): Promise<KeptResults> {
  const sources = await hashSources(projectRoot)
  const inputsOf = ({ needs }: FirmwareCase) => {
    const hash = createHash('sha256').update(sources)
    for (const name of needs) hash.update(name).update(images[name]?.manifest.inputs ?? '')
    return hash.digest('hex')
  }
  const text = await readFile(file, 'utf8').catch(() => '{}')
  const kept = new Map(Object.entries(keptSchema.safeParse(JSON.parse(text)).data ?? {}))
  return {
    find(one) {
      const known = kept.get(one.name)
      return known?.inputs === inputsOf(one) && known.result.isOk ? known.result : undefined
    },
    async keep(one, result) {
      kept.set(one.name, { inputs: inputsOf(one), result })
      await writeFile(file, JSON.stringify(Object.fromEntries(kept), null, 1))
    },
  }
}
