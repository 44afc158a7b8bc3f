import type { Command, CommandResult } from '@proactive/shared'
import { Registry } from 'prom-client'
import { afterEach, describe, expect, it } from 'vitest'
import type { CommandLink } from '../gateway/ports.ts'
import { createCommandDispatcher } from './dispatcher.ts'

/** A link whose appliances are what the test says they are. */
function fakeLink() {
  const sent: { applianceId: string; command: Command }[] = []
  const connected = new Set(['ap-1'])
  let tellResult: (applianceId: string, result: CommandResult) => void = () => undefined
  let tellGone: (applianceId: string) => void = () => undefined
  const link: CommandLink = {
    isConnected: (id) => connected.has(id),
    send(applianceId, command) {
      if (connected.has(applianceId)) sent.push({ applianceId, command })
      return connected.has(applianceId)
    },
    onResult(listener) {
      tellResult = listener
      return () => undefined
    },
    onDisconnect(listener) {
      tellGone = listener
      return () => undefined
    },
  }
  const answer = (index: number, change: Partial<CommandResult> = {}, from = 'ap-1') =>
    tellResult(from, {
      v: 1,
      commandId: sent[index]?.command.id ?? '',
      seq: 0,
      isFinal: true,
      outcome: { status: 'ok', evidence: [] },
      ...change,
    })
  return { link, sent, answer, disconnect: (id: string) => tellGone(id) }
}

describe('the command dispatcher', () => {
  const ping = { action: 'ping', target: '192.0.2.1', count: 1 } as const
  const base = { applianceId: 'ap-1', request: ping, budgetMs: 1_000, auditId: 'audit-1' }
  const stops: (() => void)[] = []
  afterEach(() => {
    for (const stop of stops.splice(0)) stop()
  })
  function dispatcherOn(link: CommandLink, maxPerAppliance = 2) {
    const dispatcher = createCommandDispatcher({ link, metrics: new Registry(), maxPerAppliance })
    stops.push(() => dispatcher.stop())
    return dispatcher
  }

  it('says at once that an appliance is not connected', async () => {
    const { link } = fakeLink()
    expect(await dispatcherOn(link).run({ ...base, applianceId: 'ap-2' })).toEqual({ kind: 'offline' })
  })

  it('gives each command its own answer, whatever order they come in', async () => {
    const { link, sent, answer } = fakeLink()
    const dispatcher = dispatcherOn(link)
    const first = dispatcher.run(base)
    const second = dispatcher.run(base)
    expect(sent[0]?.command).toMatchObject({ v: 1, auditId: 'audit-1', budgetMs: 1_000, request: ping })
    answer(1, { seq: 22 })
    answer(0, { seq: 11 })
    expect(await first).toMatchObject({ kind: 'answered', result: { seq: 11 } })
    expect(await second).toMatchObject({ kind: 'answered', result: { seq: 22 } })
  })

  it('takes no answer from another appliance', async () => {
    const { link, answer } = fakeLink()
    const outcome = dispatcherOn(link).run({ ...base, budgetMs: 100 })
    answer(0, {}, 'ap-evil')
    expect(await outcome).toEqual({ kind: 'timeout' })
  })

  it('passes on the parts of a stream before its end', async () => {
    const { link, answer } = fakeLink()
    const parts: number[] = []
    const outcome = dispatcherOn(link).run({ ...base, onProgress: ({ seq }) => parts.push(seq) })
    answer(0, { isFinal: false, seq: 1 })
    answer(0, { isFinal: false, seq: 2 })
    answer(0, { seq: 3 })
    expect(await outcome).toMatchObject({ result: { seq: 3 } })
    expect(parts).toEqual([1, 2])
  })

  it('ends what is under way when the connection breaks', async () => {
    const { link, disconnect } = fakeLink()
    const outcome = dispatcherOn(link).run(base)
    disconnect('ap-1')
    expect(await outcome).toEqual({ kind: 'offline' })
  })

  it('keeps a bounded number under way, and has room again after an answer', async () => {
    const { link, answer } = fakeLink()
    const dispatcher = dispatcherOn(link)
    const first = dispatcher.run(base)
    const second = dispatcher.run(base)
    expect(await dispatcher.run(base)).toEqual({ kind: 'busy' })
    answer(0)
    await first
    const third = dispatcher.run(base)
    answer(1)
    answer(2)
    expect((await Promise.all([second, third])).map(({ kind }) => kind)).toEqual(['answered', 'answered'])
  })
})
