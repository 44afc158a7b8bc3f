import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { createSqliteLog } from '../../ingest/src/log/sqlite-log.ts'
import { ingestLogContract } from './ingest-log.ts'
import { entryOf } from './ingest-log-entries.ts'

const appenderFile = fileURLToPath(new URL('./ingest-log-appender.ts', import.meta.url))
let folder = ''
const file = () => join(folder, 'log.sqlite')

ingestLogContract('SQLite', {
  async reset() {
    folder = await mkdtemp(join(tmpdir(), 'proactive-log-'))
  },
  open: () => createSqliteLog({ file: file(), consumers: [] }),
  appender: (count) => [process.execPath, appenderFile, file(), String(count)],
  dispose: () => rm(folder, { recursive: true, force: true }),
})

describe('the SQLite log', () => {
  async function withFolder(use: (file: string) => Promise<void>): Promise<void> {
    const own = await mkdtemp(join(tmpdir(), 'proactive-log-'))
    try {
      await use(join(own, 'log.sqlite'))
    } finally {
      await rm(own, { recursive: true, force: true })
    }
  }

  it('refuses entries while it is full, and takes them again once the slowest consumer went on', () =>
    withFolder(async (path) => {
      const log = await createSqliteLog({
        file: path,
        consumers: ['slow', 'fast'],
        maxBytes: 50_000,
        trimEveryMs: 10,
      })
      const { entry } = entryOf(1)
      const appended = []
      for (let index = 0; index < 31; index++) appended.push(await log.append(entry, 's'))
      await expect(log.append(entry, 's')).rejects.toMatchObject({ code: 'log-full' })
      const last = appended.at(-1)
      const partition = last?.partition ?? ''
      const offset = last?.offset ?? 0
      await (await log.own(partition, 'fast')).commit({ offset, states: new Map(), outputs: [] })
      await expect(log.append(entry, 's')).rejects.toMatchObject({ code: 'log-full' })
      await (await log.own(partition, 'slow')).commit({ offset, states: new Map(), outputs: [] })
      await expect
        .poll(() =>
          log.append(entry, 's').then(
            ({ offset: next }) => next,
            () => 0,
          ),
        )
        .toBe(offset + 1)
      await log.stop()
    }))

  it('keeps counting offsets where everything was trimmed before it was closed', () =>
    withFolder(async (path) => {
      const options = { file: path, consumers: ['only'], trimEveryMs: 5 }
      const log = await createSqliteLog({ ...options, maxBytes: 10_000 })
      const { entry } = entryOf(1)
      let place = await log.append(entry, 's')
      for (let index = 0; index < 4; index++) place = await log.append(entry, 's')
      const owner = await log.own(place.partition, 'only')
      await owner.commit({ offset: place.offset, states: new Map(), outputs: [] })
      await expect
        .poll(() =>
          log.append(entry, 's').then(
            () => true,
            () => false,
          ),
        )
        .toBe(true)
      await owner.commit({ offset: place.offset + 1, states: new Map(), outputs: [] })
      await log.stop()
      const again = await createSqliteLog(options)
      expect((await again.append(entry, 's')).offset).toBe(place.offset + 2)
      await again.stop()
    }))

  it('says in one sentence that another process uses its file', () =>
    withFolder(async (path) => {
      const log = await createSqliteLog({ file: path, consumers: [] })
      await expect(createSqliteLog({ file: path, consumers: [] })).rejects.toThrow(
        /another process uses this data folder/,
      )
      await log.stop()
    }))
})
