import { type RowFamily, rowFields, type TelemetryRow } from '@proactive/shared'

/**
 * The measured values of a telemetry row by field name, without a copy: a view that reads the row in place.
 * Millions of rows pass through here per minute; a `Map` each would cost more than everything else that is done to them.
 */
export class RowFields implements ReadonlyMap<string, number> {
  readonly family: RowFamily
  /** `[alias, value …]` in the column order of `rowFields`. */
  readonly row: TelemetryRow
  readonly size: number

  constructor(family: RowFamily, row: TelemetryRow) {
    this.family = family
    this.row = row
    let size = 0
    for (let column = 1; column < row.length; column++) if (row[column] !== null) size++
    this.size = size
  }

  get(name: string): number | undefined {
    const column = (rowFields[this.family] as readonly string[]).indexOf(name)
    return column < 0 ? undefined : (this.row[column + 1] ?? undefined)
  }

  has(name: string): boolean {
    return this.get(name) !== undefined
  }

  *entries(): MapIterator<[string, number]> {
    for (const [column, name] of rowFields[this.family].entries()) {
      const value = this.row[column + 1]
      if (value !== null && value !== undefined) yield [name, value]
    }
    return undefined
  }

  *keys(): MapIterator<string> {
    for (const [name] of this.entries()) yield name
    return undefined
  }

  *values(): MapIterator<number> {
    for (const [, value] of this.entries()) yield value
    return undefined
  }

  [Symbol.iterator](): MapIterator<[string, number]> {
    return this.entries()
  }

  forEach(visit: (value: number, name: string, map: ReadonlyMap<string, number>) => void): void {
    for (const [name, value] of this.entries()) visit(value, name, this)
  }
}
