import { z } from 'zod'
import { type Sample, parseSamples } from './window.ts'

/** Part of a window that was not over when it was written; what a crash leaves behind. */
export interface UnfinishedWindow {
  readonly bootEpoch: number
  readonly clock: 'synced' | 'unsynced'
  readonly fromMs: number
  readonly toMs: number
  readonly samples: readonly Sample[]
}

const headSchema = z.object({
  bootEpoch: z.int().min(0),
  clock: z.enum(['synced', 'unsynced']),
  fromMs: z.int().min(0),
  toMs: z.int().min(0),
  samples: z.array(z.unknown()),
})

export function unfinishedText(part: UnfinishedWindow): string {
  return JSON.stringify(part)
}

/** Reads a part back; undefined where the text is none. */
export function parseUnfinished(text: string): UnfinishedWindow | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const parsed = headSchema.safeParse(value)
  if (!parsed.success) return undefined
  return { ...parsed.data, samples: parseSamples(JSON.stringify(parsed.data.samples)) }
}
