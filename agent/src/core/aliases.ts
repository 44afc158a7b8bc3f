/**
 * The short numbers that stand for devices and targets in telemetry rows. On the wire they end at 65,535; inside they are counted on for
 * ever ("ordinals"), and an alias is its ordinal's remainder. A number is given again only when all fresh ones were given out, its device is
 * forgotten, the window in which it was forgotten is closed and the spool was empty since: then no row that means the old device can be left.
 */
export interface Aliases {
  /** A device or target of the run before bears this alias. */
  keep(alias: number): void
  /** The next alias; undefined where none is free. */
  take(): number | undefined
  /** The device or target is forgotten; its number rests. */
  retire(alias: number): void
  /** Whether rows may be left that bear the number of a forgotten device. */
  isResting(alias: number): boolean
  /** The highest ordinal that this alias can stand for now; grows with each reuse. */
  ordinalOf(alias: number): number
  /** A window was closed: what was retired before is in the spool, if anywhere. */
  windowClosed(): void
  /** The spool holds nothing. */
  spoolEmpty(): void
  /** Highest ordinal ever given out, to be kept for ever. */
  lastOrdinal(): number
}

/** Largest alias that is given out; the one above it stands for what got none. */
export const largestAlias = 65_534
export const noAlias = 65_535

type Rest = 'in-window' | 'in-spool'

export function createAliases(deps: {
  readonly lastOrdinal: number
  readonly onTaken: (lastOrdinal: number) => void
  readonly largest?: number
}): Aliases {
  const size = deps.largest ?? largestAlias
  let last = deps.lastOrdinal
  const resting = new Map<number, Rest>()
  /** What was forgotten before this start may be in the spool still. */
  let isPastSettled = false
  let hasClosedWindow = false
  const used = new Set<number>()

  return {
    keep(alias) {
      used.add(alias)
      // A journal that was lost must not begin anew below what is in use.
      last = Math.max(last, Math.min(alias, size))
    },
    take() {
      for (let step = 1; step <= size; step++) {
        const ordinal = last + step
        const alias = ((ordinal - 1) % size) + 1
        const isFresh = ordinal <= size
        if (used.has(alias) || resting.has(alias) || (!isFresh && !isPastSettled)) continue
        last = ordinal
        used.add(alias)
        deps.onTaken(last)
        return alias
      }
      return undefined
    },
    retire(alias) {
      if (used.delete(alias)) resting.set(alias, 'in-window')
    },
    isResting: (alias) => resting.has(alias),
    ordinalOf(alias) {
      if (alias > last) return alias
      return alias + Math.floor((last - alias) / size) * size
    },
    windowClosed() {
      hasClosedWindow = true
      for (const [alias, rest] of resting) if (rest === 'in-window') resting.set(alias, 'in-spool')
    },
    spoolEmpty() {
      if (hasClosedWindow) isPastSettled = true
      for (const [alias, rest] of resting) if (rest === 'in-spool') resting.delete(alias)
    },
    lastOrdinal: () => last,
  }
}
