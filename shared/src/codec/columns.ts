/**
 * Telemetry rows as columns of small integers: values of one metric are alike, so a column compresses better than a row, and `137` is shorter than `1.37`.
 * Lossless: a column whose values are no short decimals travels as it is.
 *
 * Column forms, all plain JSON:
 *   `7`               every row has the value 7
 *   `null`            every row has null
 *   `[2, 0, 137, …]`  values × 10² as they are
 *   `[2, 1, 12, …]`   values × 10², each less the same row's value of the column before (percentiles lie close together)
 *   `[-1, 0, …]`      raw numbers
 */
export type PackedColumn = number | null | readonly (number | null)[]
type Cell = number | null

const raw = -1
const maxScale = 6

/** Rows of equal length → one packed column each. */
export function packColumns(rows: readonly (readonly Cell[])[]): PackedColumn[] {
  const width = rows[0]?.length ?? 0
  const packed: PackedColumn[] = []
  let before: ScaledColumn | undefined
  for (let index = 0; index < width; index++) {
    const cells = rows.map((row) => row[index] ?? null)
    const scaled = scaleColumn(cells)
    packed.push(packColumn(cells, scaled, before))
    before = scaled
  }
  return packed
}

/**
 * Packed columns → rows; undefined where the columns contradict `rowCount` or each other.
 * Never allocates more than `rowCount` × number of columns cells; the caller caps both.
 */
export function unpackColumns(columns: readonly unknown[], rowCount: number): Cell[][] | undefined {
  const rows: Cell[][] = Array.from({ length: rowCount }, () => [])
  let before: readonly Cell[] | undefined
  for (const column of columns) {
    const scaled = unpackColumn(column, rowCount, before)
    if (scaled === undefined) return undefined
    for (let index = 0; index < rowCount; index++) {
      const cell = scaled.cells[index] ?? null
      rows[index]?.push(cell === null ? null : scaled.scale <= 0 ? cell : cell / 10 ** scaled.scale)
    }
    before = scaled.cells
  }
  return rows
}

/** Cells × 10^scale; scale −1 = raw cells. */
interface ScaledColumn {
  readonly scale: number
  readonly cells: readonly Cell[]
}

function scaleColumn(cells: readonly Cell[]): ScaledColumn {
  for (let scale = 0; scale <= maxScale; scale++) {
    const factor = 10 ** scale
    const scaled = cells.map((cell) => (cell === null ? null : Math.round(cell * factor)))
    const isExact = scaled.every(
      (whole, index) => whole === null || (Number.isSafeInteger(whole) && whole / factor === cells[index]),
    )
    if (isExact) return { scale, cells: scaled }
  }
  return { scale: raw, cells }
}

function packColumn(
  cells: readonly Cell[],
  scaled: ScaledColumn,
  before: ScaledColumn | undefined,
): PackedColumn {
  const first = cells[0] ?? null
  if (cells.every((cell) => cell === first)) return first
  const plain = [scaled.scale, 0, ...scaled.cells]
  if (scaled.scale === raw || before === undefined || before.scale !== scaled.scale) return plain
  const deltas = scaled.cells.map((cell, index) => {
    const base = before.cells[index] ?? null
    return cell === null || base === null ? cell : cell - base
  })
  const delta = [scaled.scale, 1, ...deltas]
  return JSON.stringify(delta).length < JSON.stringify(plain).length ? delta : plain
}

function unpackColumn(
  column: unknown,
  rowCount: number,
  before: readonly Cell[] | undefined,
): ScaledColumn | undefined {
  if (column === null || typeof column === 'number') {
    const scaled = scaleColumn([column])
    return { scale: scaled.scale, cells: new Array<Cell>(rowCount).fill(scaled.cells[0] ?? null) }
  }
  if (!Array.isArray(column) || column.length !== rowCount + 2) return undefined
  const [scale, form, ...cells] = column as unknown[]
  if (!Number.isInteger(scale) || Number(scale) < raw || Number(scale) > maxScale) return undefined
  if (form !== 0 && form !== 1) return undefined
  if (!cells.every((cell): cell is Cell => cell === null || typeof cell === 'number')) return undefined
  if (form === 0) return { scale: Number(scale), cells }
  if (before === undefined) return undefined
  return {
    scale: Number(scale),
    cells: cells.map((cell, index) => {
      const base = before[index] ?? null
      return cell === null || base === null ? cell : cell + base
    }),
  }
}
