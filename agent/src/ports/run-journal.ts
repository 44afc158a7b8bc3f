/** What is known of one start of the agent, kept apart from the spool so that a damaged spool does not lose it. */
export interface RunEntry {
  readonly bootEpoch: number
  /** The kernel's boot id: changes when the machine starts anew. */
  readonly bootId: string
  /** True once the run said goodbye. */
  readonly isClean: boolean
  /** Highest ordinal of an alias ever given out (`core/aliases.ts`). */
  readonly lastAlias: number
}

/** Port: remembers the previous start. Written at start, at stop, and when an alias is given out; each write is durable. */
export interface RunJournal {
  /** The kernel's boot id now. */
  bootId(): string
  previous(): RunEntry | undefined
  write(entry: RunEntry): void
}
