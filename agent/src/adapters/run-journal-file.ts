import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { RunEntry, RunJournal } from '../ports/index.ts'
import { writeDurably } from './identity-store.ts'

const entrySchema = z.strictObject({
  bootEpoch: z.int().min(0),
  bootId: z.string().max(100),
  isClean: z.boolean(),
  lastAlias: z.int().min(0).max(Number.MAX_SAFE_INTEGER),
})

/** The journal of starts in `<data>/run.json`. A damaged file counts as none. */
export function openRunJournal(dataDir: string, bootIdFile: string): RunJournal {
  const file = join(dataDir, 'run.json')
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  return {
    bootId() {
      try {
        return readFileSync(bootIdFile, 'utf8').trim().slice(0, 100)
      } catch {
        return 'unknown'
      }
    },
    previous(): RunEntry | undefined {
      if (!existsSync(file)) return undefined
      try {
        const parsed = entrySchema.safeParse(JSON.parse(readFileSync(file, 'utf8')))
        return parsed.success ? parsed.data : undefined
      } catch {
        return undefined
      }
    },
    write: (entry) => writeDurably(file, `${JSON.stringify(entry)}\n`),
  }
}
