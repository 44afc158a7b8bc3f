import { writeSync } from 'node:fs'
import { createSqliteLog } from '../../ingest/src/log/sqlite-log.ts'
import { entryOf } from './ingest-log-entries.ts'

/** Appends until it is done or killed; a number is printed, unbuffered, once its entry is acknowledged. Arguments: file, count. */
const [file = '', count = '0'] = process.argv.slice(2)
const log = await createSqliteLog({ file, consumers: ['check'] })
const window = 64
/** A pipe that is full takes nothing until its reader gets round to it. */
function print(line: string): void {
  for (;;) {
    try {
      writeSync(1, line)
      return
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error
    }
  }
}
let next = 0
async function appendAll(): Promise<void> {
  while (next < Number(count)) {
    const index = next++
    const { entry, session } = entryOf(index)
    await log.append(entry, session)
    print(`${index}\n`)
  }
}
await Promise.all(Array.from({ length: window }, appendAll))
await log.stop()
