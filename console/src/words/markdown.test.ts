import { describe, expect, it } from 'vitest'
import { parseMarkdown } from './markdown.ts'

describe('the Markdown of runbooks', () => {
  it('knows headings, lists, strong words and code', () => {
    expect(parseMarkdown('# Title\nClass `router-down`.\n\n**Checks**\n1. One\n2. Two\n- a\n')).toEqual([
      { kind: 'heading', level: 1, spans: [{ kind: 'text', text: 'Title' }] },
      {
        kind: 'paragraph',
        spans: [
          { kind: 'text', text: 'Class ' },
          { kind: 'code', text: 'router-down' },
          { kind: 'text', text: '.' },
        ],
      },
      { kind: 'paragraph', spans: [{ kind: 'strong', text: 'Checks' }] },
      { kind: 'ordered', items: [[{ kind: 'text', text: 'One' }], [{ kind: 'text', text: 'Two' }]] },
      { kind: 'bullets', items: [[{ kind: 'text', text: 'a' }]] },
    ])
  })

  it('takes markup and half-open marks as text', () => {
    expect(parseMarkdown('<img src=x onerror=alert(1)> **open')).toEqual([
      { kind: 'paragraph', spans: [{ kind: 'text', text: '<img src=x onerror=alert(1)> **open' }] },
    ])
  })
})
