import { describe, expect, it } from 'vitest'
import { followPreflight } from './preflight.ts'

type Verdict = { ok: true } | { ok: false; problems: string[] }

/** Follows verdicts one after the other and resolves with what was told once the last one was seen. */
async function follow(verdicts: Verdict[]): Promise<(readonly string[])[]> {
  const told: (readonly string[])[] = []
  const seenAll = Promise.withResolvers<void>()
  const preflight = followPreflight(
    {
      preflight: async () => {
        const verdict = verdicts.shift()
        if (verdicts.length === 0) setImmediate(seenAll.resolve)
        return verdict ?? { ok: true }
      },
    },
    (problems) => told.push(problems),
    { firstPauseMs: 1 },
  )
  preflight.start()
  await seenAll.promise
  await preflight.stop()
  return told
}

const wrong = (problem: string): Verdict => ({ ok: false, problems: [problem] })

describe('the look at the helpdesk’s set-up', () => {
  it('tells once that all is well', async () => {
    expect(await follow([{ ok: true }])).toEqual([[]])
  })

  it('says nothing of a helpdesk that is there at the second look', async () => {
    expect(await follow([wrong('refused'), { ok: true }])).toEqual([[]])
  })

  it('tells each problem once, and when it is mended', async () => {
    const verdicts = [
      wrong('no queue'),
      wrong('no queue'),
      wrong('no queue'),
      wrong('no field'),
      { ok: true },
    ]
    expect(await follow(verdicts as Verdict[])).toEqual([['no queue'], ['no field'], []])
  })
})

describe('a look that a person asks for', () => {
  it('tells what is wrong now, also after all was well', async () => {
    const verdicts = [{ ok: true } as Verdict, wrong('queue gone')]
    const preflight = followPreflight(
      { preflight: async () => verdicts.shift() ?? { ok: true } },
      () => undefined,
    )
    preflight.start()
    await new Promise((resolve) => setImmediate(resolve))
    expect(preflight.problems()).toEqual([])
    expect(await preflight.look(AbortSignal.timeout(1_000))).toEqual(['queue gone'])
    expect(preflight.problems()).toEqual(['queue gone'])
    await preflight.stop()
  })
})
