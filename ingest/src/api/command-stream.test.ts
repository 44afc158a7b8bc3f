import { text } from 'node:stream/consumers'
import type { CommandResult } from '@proactive/shared'
import { describe, expect, it } from 'vitest'
import { streamCommand } from './command-stream.ts'
import { ProblemError } from './problem.ts'

const part = (seq: number, isFinal: boolean): CommandResult => ({
  v: 1,
  commandId: 'cmd-1',
  seq,
  isFinal,
  outcome: { status: 'ok', evidence: [], rttsMs: [seq] },
})
const linesOf = async (stream: ReturnType<typeof streamCommand>) =>
  (await text(stream))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

describe('a live tool as lines', () => {
  it('tells each part, then the end', async () => {
    const stream = streamCommand(
      async (onProgress) => {
        onProgress(part(0, false))
        onProgress(part(1, false))
        return { kind: 'answered', result: part(2, true) }
      },
      'audit-1',
      (outcome) => ({
        auditId: 'audit-1',
        result: outcome.kind === 'answered' ? outcome.result : part(9, true),
      }),
    )
    expect((await linesOf(stream)).map(({ result }) => [result.seq, result.isFinal])).toEqual([
      [0, false],
      [1, false],
      [2, true],
    ])
  })

  it('tells as its last line what went wrong', async () => {
    const stream = streamCommand(
      async (onProgress) => {
        onProgress(part(0, false))
        return { kind: 'offline' }
      },
      'audit-1',
      () => {
        throw new ProblemError(409, 'appliance-offline', 'It left.')
      },
    )
    expect((await linesOf(stream)).at(-1)).toMatchObject({
      problem: { code: 'appliance-offline', detail: 'It left.' },
    })
  })
})
