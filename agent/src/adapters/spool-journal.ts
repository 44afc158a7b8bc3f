import { appendFileSync } from 'node:fs'
import type { Spool } from '../ports/index.ts'

/**
 * Writes each record that a commit put into the spool as one JSON line to a side file, after the commit.
 * The loss test compares this file with what the cloud has stored.
 */
export function withJournal(spool: Spool, file: string): Spool {
  return {
    ...spool,
    commit(change) {
      const records = spool.commit(change)
      if (records.length > 0) {
        const lines = records.map((record) => JSON.stringify({ ...record, body: JSON.parse(record.body) }))
        appendFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 })
      }
      return records
    },
  }
}
