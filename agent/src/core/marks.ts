/** Who bears which marks (traits, addresses), so that finding a namesake among hundreds costs one look. */
export interface Marks {
  /** Replaces what somebody bears; nothing = nobody of that id any more. */
  set(id: string, marks: readonly string[]): void
  /** Everybody who bears at least one of these. */
  bearersOf(marks: readonly string[]): ReadonlySet<string>
}

export function createMarks(): Marks {
  const marksById = new Map<string, readonly string[]>()
  const idsByMark = new Map<string, Set<string>>()
  return {
    set(id, marks) {
      for (const mark of marksById.get(id) ?? []) {
        const ids = idsByMark.get(mark)
        ids?.delete(id)
        if (ids?.size === 0) idsByMark.delete(mark)
      }
      if (marks.length === 0) marksById.delete(id)
      else marksById.set(id, marks)
      for (const mark of marks) {
        const ids = idsByMark.get(mark)
        if (ids === undefined) idsByMark.set(mark, new Set([id]))
        else ids.add(id)
      }
    },
    bearersOf: (marks) => new Set(marks.flatMap((mark) => [...(idsByMark.get(mark) ?? [])])),
  }
}
