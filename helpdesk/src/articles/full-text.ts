const maxWords = 12

/**
 * What somebody typed as an FTS5 query: every word has to be there, the last one may be unfinished. Words are quoted, so no typed
 * character is an operator (SQLite FTS5 §3). Empty = nothing to look for.
 */
export function fullTextQuery(typed: string): string {
  const words = typed.match(/[\p{L}\p{N}]+/gu)?.slice(0, maxWords) ?? []
  return words.map((word, index) => `"${word}"${index === words.length - 1 ? '*' : ''}`).join(' ')
}
