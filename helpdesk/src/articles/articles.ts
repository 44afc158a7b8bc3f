import { randomBytes } from 'node:crypto'
import {
  type Article,
  type ArticleQuery,
  type articlePageSchema,
  articleSchema,
  type WriteArticle,
} from '@proactive/shared/http'
import { type Selectable, sql } from 'kysely'
import { z } from 'zod'
import type { UserActor } from '../access/actor.ts'
import type { Database, Trx } from '../db/open.ts'
import type { ArticleTable } from '../db/tables.ts'
import { fullTextQuery } from './full-text.ts'

type Row = Selectable<ArticleTable>
type ArticlePage = z.infer<typeof articlePageSchema>
const storedChecklist = z.array(z.string())
const excerptLength = 200

/** Path of an article in the console; what "Add to Issue & copy URL" copies. */
export function articleUrl(id: string): string {
  return `/articles/${id}`
}

/** Articles this actor reads: the own Organization's, those shared with it, and everybody's; best match or newest first. */
export async function searchArticles(
  db: Database,
  actor: UserActor,
  { q, faultClass, cursor, limit }: ArticleQuery,
): Promise<ArticlePage> {
  const offset = cursor === undefined ? 0 : Number(cursor)
  const match = q === undefined ? undefined : fullTextQuery(q)
  if (match === '') return { items: [], nextCursor: null }
  let rows = readable(db, actor)
  if (faultClass !== undefined) rows = rows.where('articles.fault_class', '=', faultClass)
  const ordered =
    match === undefined
      ? rows.orderBy('articles.number', 'desc')
      : rows
          .where(
            'articles.number',
            'in',
            sql<number>`(SELECT rowid FROM articles_text WHERE articles_text MATCH ${match})`,
          )
          // In a small collection common words weigh nothing: a title that says it all comes first.
          .orderBy(
            sql`articles.number IN (SELECT rowid FROM articles_text WHERE articles_text MATCH ${`title : (${match})`})`,
            'desc',
          )
          .orderBy(
            sql`(SELECT bm25(articles_text, 8.0, 1.0, 2.0) FROM articles_text WHERE articles_text MATCH ${match} AND rowid = articles.number)`,
          )
          .orderBy('articles.number')
  const found = await ordered
    .offset(offset)
    .limit(limit + 1)
    .execute()
  const items = await Promise.all(
    found.slice(0, limit).map(async (row) => {
      const { body, ...article } = await articleOf(db, row)
      return {
        ...article,
        excerpt: body
          .replace(/[#*`_]/g, '')
          .trim()
          .slice(0, excerptLength),
      }
    }),
  )
  return { items, nextCursor: found.length > limit ? `${offset + limit}` : null }
}

export async function findArticle(
  db: Database | Trx,
  actor: UserActor,
  id: string,
): Promise<Article | undefined> {
  const row = await readable(db, actor).where('articles.id', '=', id).executeTakeFirst()
  return row === undefined ? undefined : articleOf(db, row)
}

function readable(db: Database | Trx, { organizationId }: UserActor) {
  return db
    .selectFrom('articles')
    .selectAll('articles')
    .where((eb) =>
      eb.or([
        eb('articles.sharing', '=', 'everybody'),
        eb('articles.organization_id', '=', organizationId),
        eb.exists(
          eb
            .selectFrom('article_readers')
            .select('article_number')
            .whereRef('article_readers.article_number', '=', 'articles.number')
            .where('article_readers.organization_id', '=', organizationId),
        ),
      ]),
    )
}

/** Writes a new article of the actor's Organization. */
export async function createArticle(
  trx: Trx,
  actor: UserActor,
  article: WriteArticle,
  nowMs: number,
): Promise<Article> {
  return insertArticle(trx, `art-${randomBytes(9).toString('hex')}`, actor.organizationId, article, nowMs)
}

/** Inserts an article; without an Organization it is one that came with Proactive. */
export async function insertArticle(
  trx: Trx,
  id: string,
  organizationId: string | null,
  article: WriteArticle,
  nowMs: number,
): Promise<Article> {
  const row = await trx
    .insertInto('articles')
    .values({
      id,
      organization_id: organizationId,
      ...columnsOf(article),
      version: 1,
      updated_at_ms: nowMs,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  await writeReadersAndText(trx, row.number, article, false)
  return articleOf(trx, row)
}

/** Replaces an article's content by one version. */
export async function replaceArticle(
  trx: Trx,
  id: string,
  article: WriteArticle,
  nowMs: number,
): Promise<Article> {
  const row = await trx
    .updateTable('articles')
    .set((eb) => ({ ...columnsOf(article), version: eb('version', '+', 1), updated_at_ms: nowMs }))
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow()
  await writeReadersAndText(trx, row.number, article, true)
  return articleOf(trx, row)
}

function columnsOf({ title, body, checklist, faultClass, sharing }: WriteArticle) {
  return {
    title,
    body,
    checklist_json: JSON.stringify(checklist),
    fault_class: faultClass ?? null,
    sharing: typeof sharing === 'string' ? sharing : ('named' as const),
  }
}

async function writeReadersAndText(
  trx: Trx,
  number: number,
  { title, body, checklist, sharing }: WriteArticle,
  isReplacing: boolean,
): Promise<void> {
  await trx.deleteFrom('article_readers').where('article_number', '=', number).execute()
  if (typeof sharing !== 'string') {
    const rows = [...new Set(sharing.organizationIds)].map((id) => ({
      organization_id: id,
      article_number: number,
    }))
    await trx.insertInto('article_readers').values(rows).execute()
  }
  if (isReplacing) await trx.deleteFrom('articles_text').where('rowid', '=', number).execute()
  await trx
    .insertInto('articles_text')
    .values({ rowid: number, title, body, checklist: checklist.join('\n') })
    .execute()
}

async function articleOf(db: Database | Trx, row: Row): Promise<Article> {
  const readers =
    row.sharing === 'named'
      ? await db
          .selectFrom('article_readers')
          .select('organization_id')
          .where('article_number', '=', row.number)
          .execute()
      : []
  return {
    id: row.id,
    title: row.title,
    body: row.body,
    checklist: storedChecklist.parse(JSON.parse(row.checklist_json)),
    ...(row.fault_class === null
      ? {}
      : { faultClass: articleSchema.shape.faultClass.parse(row.fault_class) }),
    sharing:
      row.sharing === 'named'
        ? { organizationIds: readers.map((reader) => reader.organization_id) }
        : row.sharing,
    ...(row.organization_id === null ? {} : { organizationId: row.organization_id }),
    url: articleUrl(row.id),
    version: row.version,
    updatedAtMs: row.updated_at_ms,
  }
}
