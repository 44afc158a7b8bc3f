import { describe, expect, it } from 'vitest'
import { runProgram } from './run-program.ts'

describe('running a program', () => {
  it('keeps exit code and both outputs apart', async () => {
    const result = await runProgram('sh', ['-c', 'echo out; echo err >&2; exit 3'], { timeoutMs: 10_000 })
    expect(result).toEqual({ code: 3, stdout: 'out\n', stderr: 'err\n' })
  })

  it('answers with a sentence when there is no such program', async () => {
    const result = await runProgram('proactive-no-such-program', [], { timeoutMs: 10_000 })
    expect(result.code).toBe(127)
    expect(result.stderr).toContain('could not be started')
  })

  it('ends a program that does not end by itself', async () => {
    const result = await runProgram('sleep', ['60'], { timeoutMs: 50 })
    expect(result.code).toBe(124)
  })
})
