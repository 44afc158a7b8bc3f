import { directoryChangesSchema, directoryCursorSchema } from '@proactive/shared/http'
import { applyDirectoryChanges, directoryCursor } from '../directory/copy.ts'
import type { ApiContext, App } from './context.ts'
import { access } from './guard.ts'

const config = access({ service: true })
const tags = ['directory copy']
/** 500 changes of ordinary size; a product with a thousand devices is 70 kB alone. */
const bodyLimit = 4 * 1024 * 1024

/** How ingest, the directory's owner, keeps the read copy current. */
export function registerDirectoryRoutes(app: App, { db }: ApiContext): void {
  app.post(
    '/api/directory/changes',
    {
      config,
      bodyLimit,
      schema: {
        tags,
        summary: 'Apply changes behind the cursor; what the copy holds is skipped',
        body: directoryChangesSchema,
        response: { 200: directoryCursorSchema },
      },
    },
    async (request) => ({
      cursor: await db.transaction().execute((trx) => applyDirectoryChanges(trx, request.body)),
    }),
  )

  app.get(
    '/api/directory/cursor',
    {
      config,
      schema: { tags, summary: 'Newest change the copy holds', response: { 200: directoryCursorSchema } },
    },
    async () => ({ cursor: await db.transaction().execute((trx) => directoryCursor(trx)) }),
  )
}
