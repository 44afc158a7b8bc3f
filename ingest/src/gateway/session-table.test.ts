import { pino } from 'pino'
import { describe, expect, it, vi } from 'vitest'
import type { Client } from 'aedes'
import type { IngestLog, LogEntry } from '../log/ingest-log.ts'
import { createFrameGuard } from './frame-guard.ts'
import { createSessionTable } from './session-table.ts'

const client = () => ({ close: () => undefined }) as unknown as Client
const parts = () => ({
  applianceId: 'ap-1',
  locationId: 'loc-1',
  remoteAddress: '192.0.2.1',
  client: client(),
  guard: createFrameGuard({ maxBytesBeforeConnack: 100, maxPacketBytes: 100 }),
})

describe('a new connection that takes over and then does not come to be', () => {
  it('leaves no session open in the log: the end of the old one is told', async () => {
    const told: string[] = []
    let isFull = false
    const log: Pick<IngestLog, 'append'> = {
      append: async (entry: LogEntry) => {
        const type = entry.from === 'ingest' ? entry.event.type : 'message'
        if (isFull && type === 'session-opened') throw new Error('the log is full')
        told.push(type)
        return { partition: 'p00', offset: told.length, receivedAtMs: 0, entry }
      },
    }
    const table = createSessionTable({
      log: log as IngestLog,
      logger: pino({ level: 'silent' }),
      onSize: () => undefined,
      onEnd: () => undefined,
    })
    await table.open(parts())
    isFull = true
    await expect(table.open(parts())).rejects.toThrow('the log is full')
    await vi.waitFor(() => expect(told).toEqual(['session-opened', 'session-closed']))
    expect(table.size).toBe(0)
    await table.stop()
  })
})
