import { describe, expect, it } from 'vitest'
import { checkBoundaries, hasBoundaries } from './boundaries.ts'
import { readModule } from './module-facts.ts'

const findings = (file: string, text: string) => checkBoundaries(file, readModule(file, text))
const messages = (file: string, text: string) => findings(file, text).map(({ message }) => message)

describe('import rules', () => {
  it.each([
    ['shared/src/x.ts', `import '@proactive/agent'`],
    ['shared/src/x.ts', `import '../../agent/src/index.ts'`],
    ['shared/src/x.ts', `import 'node:fs'`],
    ['agent/src/main.ts', `import type { X } from '@proactive/ingest/faults'`],
    ['ingest/src/api/x.ts', `import '../../../helpdesk/src/index.ts'`],
    ['helpdesk/src/x.ts', `export * from '@proactive/agent'`],
    ['ingest/src/x.ts', `import '../../scripts/progress/steps.ts'`],
    ['console/src/x.ts', `import '@proactive/shared/codec'`],
    ['console/src/x.ts', `import { postGuarded } from '@proactive/shared/outgoing'`],
    ['console/src/X.svelte', `<script lang="ts">import '@proactive/ingest'</script>`],
    ['agent/src/core/x.ts', `import 'node:crypto'`],
    ['agent/src/core/x.ts', `import '../adapters/fping.ts'`],
    ['agent/src/core/x.ts', `import mqtt from 'mqtt'`],
    ['agent/src/core/deep/x.ts', `import pino from 'pino'`],
    ['ingest/src/faults/x.ts', `import '../log/ingest-log.ts'`],
    ['ingest/src/faults/x.ts', `import '@proactive/shared/codec'`],
    ['ingest/src/faults/x.ts', `export const at = () => Date.now()`],
    ['agent/src/core/x.ts', `export const roll = () => Math.random()`],
  ])('refuse in %s: %s', (file, text) => {
    expect(messages(file, text)).toHaveLength(1)
  })

  it.each([
    [
      'agent/src/adapters/x.ts',
      `import 'node:fs'; import '../ports/prober.ts'; setTimeout(() => {}, Date.now())`,
    ],
    [
      'agent/src/core/x.ts',
      `import '../ports/prober.ts'; import '../rules/cadence.ts'; import '@proactive/shared'`,
    ],
    ['ingest/src/faults/x.ts', `import { sha256 } from '@noble/hashes/sha2.js'; import './model.ts'`],
    ['ingest/src/faults/x.test.ts', `import { it } from 'vitest'; import 'node:fs'; Date.now()`],
    ['shared/src/codec/x.ts', `import 'node:zlib'`],
    ['shared/src/outgoing/x.ts', `import 'node:net'`],
    ['console/src/x.ts', `import '@proactive/shared/http'`],
    ['agent/src/x.ts', `import '@proactive/shared/codec'`],
  ])('allow in %s: %s', (file, text) => {
    expect(messages(file, text)).toEqual([])
  })

  it('name file, line and reason', () => {
    expect(findings('agent/src/core/x.ts', `\nimport 'node:fs'\n`)).toEqual([
      { file: 'agent/src/core/x.ts', line: 2, message: 'agent/src/core is pure and may not import node:fs' },
    ])
  })

  it('say nothing of scripts, tests of the whole, and programs’ bin files', () => {
    expect(hasBoundaries('scripts/check/main.ts')).toBe(false)
    expect(hasBoundaries('test/e2e/pos-down.test.ts')).toBe(false)
    expect(hasBoundaries('agent/bin/proactive-agent.mjs')).toBe(false)
    expect(hasBoundaries('agent/src/main.ts')).toBe(true)
  })
})
