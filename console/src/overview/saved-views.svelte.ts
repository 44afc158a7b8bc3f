import { z } from 'zod'
import { type Filter, kinds } from './filter.ts'

const storageName = 'overview-views'
const savedSchema = z
  .array(z.object({ name: z.string().min(1).max(40), text: z.string().max(100), only: z.string().max(20) }))
  .max(20)

export interface SavedView extends Filter {
  readonly name: string
}

function read(): SavedView[] {
  try {
    const parsed = savedSchema.safeParse(JSON.parse(localStorage.getItem(storageName) ?? '[]'))
    if (!parsed.success) return []
    return parsed.data.map((view) => ({
      ...view,
      only: kinds.find(({ id }) => id === view.only)?.id ?? 'all',
    }))
  } catch {
    return []
  }
}

let views = $state.raw<readonly SavedView[]>(read())

function write(next: readonly SavedView[]): void {
  views = next.slice(-20)
  try {
    localStorage.setItem(storageName, JSON.stringify(views))
  } catch {
    // Without storage a view lives as long as the page.
  }
}

/** Views that this browser keeps. */
export const savedViews = {
  get all() {
    return views
  },
  keep: (view: SavedView) => write([...views.filter(({ name }) => name !== view.name), view]),
  remove: (name: string) => write(views.filter((view) => view.name !== name)),
}
