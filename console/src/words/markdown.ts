/** A piece of text: plain, strong, or code. */
export interface Span {
  readonly kind: 'text' | 'strong' | 'code'
  readonly text: string
}
export type Block =
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3; readonly spans: readonly Span[] }
  | { readonly kind: 'paragraph'; readonly spans: readonly Span[] }
  | { readonly kind: 'ordered' | 'bullets'; readonly items: readonly (readonly Span[])[] }

/** The little Markdown that runbooks and articles use, as data: it is shown as text, never as HTML. */
export function parseMarkdown(source: string): Block[] {
  const blocks: Block[] = []
  for (const line of source.slice(0, 60_000).split(/\r?\n/)) {
    const last = blocks.at(-1)
    const heading = /^(#{1,3}) (.+)$/.exec(line)
    const item = /^(?:(\d{1,3})[.)]|[-*]) (.+)$/.exec(line)
    if (heading?.[1] !== undefined && heading[2] !== undefined) {
      blocks.push({ kind: 'heading', level: heading[1].length as 1 | 2 | 3, spans: parseSpans(heading[2]) })
    } else if (item?.[2] !== undefined) {
      const kind = item[1] === undefined ? 'bullets' : 'ordered'
      const spans = parseSpans(item[2])
      if (last?.kind === kind) blocks[blocks.length - 1] = { kind, items: [...last.items, spans] }
      else blocks.push({ kind, items: [spans] })
    } else if (line.trim() !== '') {
      blocks.push({ kind: 'paragraph', spans: parseSpans(line.trim()) })
    }
  }
  return blocks
}

function parseSpans(text: string): Span[] {
  return text
    .split(/(\*\*[^*]+\*\*|`[^`]+`)/)
    .filter((part) => part !== '')
    .map((part) => {
      if (part.startsWith('**') && part.endsWith('**') && part.length > 4)
        return { kind: 'strong', text: part.slice(2, -2) }
      if (part.startsWith('`') && part.endsWith('`') && part.length > 2)
        return { kind: 'code', text: part.slice(1, -1) }
      return { kind: 'text', text: part }
    })
}
