import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createPulse } from '../core/pulse.ts'
import { silentLog } from '../ports/index.ts'
import { createServiceManager } from './service-manager.ts'

describe('the service manager', () => {
  const folders: string[] = []
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
  })
  /** A `systemd-notify` that writes down what it is told. */
  function systemd() {
    const folder = mkdtempSync(join(tmpdir(), 'notify-'))
    folders.push(folder)
    const file = join(folder, 'told')
    writeFileSync(file, '')
    writeFileSync(join(folder, 'systemd-notify'), `#!/bin/sh\necho "$1" >> ${file}\n`)
    chmodSync(join(folder, 'systemd-notify'), 0o755)
    const env = {
      PATH: `${folder}:${process.env.PATH}`,
      NOTIFY_SOCKET: '/run/notify',
      WATCHDOG_USEC: '60000',
    }
    return { env, told: () => readFileSync(file, 'utf8').split('\n').slice(0, -1) }
  }

  it('is told that the agent is ready, and that it lives as long as nothing is stuck', async () => {
    const { env, told } = systemd()
    const manager = createServiceManager(env, silentLog)
    let stuck: string | undefined
    manager.ready()
    const stop = manager.startPulse(() => stuck)
    await expect.poll(told, { interval: 5 }).toEqual(expect.arrayContaining(['READY=1', 'WATCHDOG=1']))
    expect(told()[0]).toBe('READY=1')
    stuck = 'sweep'
    // What was on its way arrives; then nothing comes any more.
    await expect
      .poll(async () => {
        const before = told().length
        await new Promise((resolve) => setTimeout(resolve, 70))
        return told().length - before
      })
      .toBe(0)
    stop()
  })

  it('is not looked for where nobody listens', () => {
    const manager = createServiceManager({ PATH: '/nowhere' }, silentLog)
    manager.ready()
    manager.startPulse(() => undefined)()
  })
})

describe('the pulse', () => {
  it('names work that is not done long after it should be, until it is', async () => {
    let nowMono = 0
    const pulse = createPulse(() => nowMono)
    const sweep = Promise.withResolvers<void>()
    const work = pulse.watch('sweep', 1_000, sweep.promise)
    await expect(pulse.watch('other', 10, Promise.reject(new Error('no')))).rejects.toThrow('no')
    nowMono = 1_000
    expect(pulse.stuck()).toBeUndefined()
    nowMono = 1_001
    expect(pulse.stuck()).toBe('sweep')
    sweep.resolve()
    await work
    expect(pulse.stuck()).toBeUndefined()
  })
})
