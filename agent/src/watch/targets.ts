import { toShortText, type WatchedTarget } from '@proactive/shared'
import { z } from 'zod'
import { noAlias } from '../core/aliases.ts'

/** Things watched that are no devices, with the numbers that stand for them in rows. */
export interface Targets {
  alias(kind: WatchedTarget['kind'], id: string, name: string): number
  list(): readonly WatchedTarget[]
}

const savedSchema = z.array(
  z.object({ alias: z.int(), id: z.string(), kind: z.enum(['wan', 'dns', 'paypath']), name: z.string() }),
)
/** The contract takes 64; older ones that nobody asks for any more make room. */
const maxTargets = 64

export function createTargets(deps: {
  readonly nextAlias: () => number | undefined
  readonly retireAlias: (alias: number) => void
  readonly saved: string | undefined
  readonly onNew: (saved: string) => void
}): Targets {
  const targetByKey = new Map<string, WatchedTarget>()
  for (const target of parse(deps.saved)) targetByKey.set(`${target.kind} ${target.id}`, target)
  return {
    alias(kind, id, name) {
      const key = `${kind} ${id}`
      const known = targetByKey.get(key)
      if (known !== undefined) return known.alias
      const oldest = targetByKey.keys().next().value
      if (targetByKey.size >= maxTargets && oldest !== undefined) {
        deps.retireAlias(targetByKey.get(oldest)?.alias ?? 0)
        targetByKey.delete(oldest)
      }
      const alias = deps.nextAlias()
      // Its rows are of nobody then, and count as such; that takes 65,000 things watched at once.
      if (alias === undefined) return noAlias
      const target = { alias, id, kind, name: toShortText(name, 120) }
      targetByKey.set(key, target)
      deps.onNew(JSON.stringify([...targetByKey.values()]))
      return target.alias
    },
    list: () => [...targetByKey.values()],
  }
}

function parse(saved: string | undefined): WatchedTarget[] {
  if (saved === undefined) return []
  try {
    const parsed = savedSchema.safeParse(JSON.parse(saved))
    return parsed.success ? parsed.data : []
  } catch {
    return []
  }
}
