import { directoryEntitySchema } from '@proactive/shared/http'
import type { Trx } from '../db/database.ts'
import { subjectOf } from './change-subject.ts'

/** One change for each thing: the newest says all that a reader needs. What stood there before is compacted now. */
export async function compactChanges(trx: Trx): Promise<void> {
  const { schema } = trx
  await schema.alterTable('directory_changes').addColumn('subject', 'text').execute()
  const newest = new Map<string, number>()
  for (let after = 0; ; ) {
    const rows = await trx
      .selectFrom('directory_changes')
      .select(['cursor', 'entity'])
      .where('cursor', '>', after)
      .orderBy('cursor')
      .limit(1_000)
      .execute()
    for (const { cursor, entity } of rows) {
      const parsed = directoryEntitySchema.safeParse(JSON.parse(entity))
      if (!parsed.success) continue
      const subject = subjectOf(parsed.data)
      const former = newest.get(subject)
      newest.set(subject, cursor)
      if (former !== undefined)
        await trx.deleteFrom('directory_changes').where('cursor', '=', former).execute()
      await trx.updateTable('directory_changes').set({ subject }).where('cursor', '=', cursor).execute()
    }
    const last = rows.at(-1)
    if (last === undefined) break
    after = last.cursor
  }
  await schema.createIndex('directory_changes_by_subject').on('directory_changes').column('subject').execute()
}
