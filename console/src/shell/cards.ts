/**
 * Lets a table read as cards on a phone: each cell is told the heading of its column, and the style sheet does the rest. Rows that come later are told
 * as they come. To be attached to a table with a `thead` of one row.
 */
export function asCards(table: HTMLTableElement): () => void {
  const headings = [...table.querySelectorAll('thead th')].map(({ textContent }) => textContent.trim())
  const tellRow = (row: Node): void => {
    if (!(row instanceof HTMLTableRowElement)) return
    for (const cell of row.cells)
      if (cell.tagName === 'TD' && cell.colSpan === 1) cell.dataset.label = headings[cell.cellIndex] ?? ''
  }
  table.classList.add('cards')
  for (const body of table.tBodies) for (const row of body.rows) tellRow(row)
  const observer = new MutationObserver((changes) => {
    for (const { addedNodes } of changes) for (const row of addedNodes) tellRow(row)
  })
  for (const body of table.tBodies) observer.observe(body, { childList: true })
  return () => observer.disconnect()
}
