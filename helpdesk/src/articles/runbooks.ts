import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { faultClasses } from '@proactive/shared'
import type { WriteArticle } from '@proactive/shared/http'
import type { Database } from '../db/open.ts'
import { insertArticle, replaceArticle } from './articles.ts'

/** The runbooks that come with Proactive, one a fault class. */
export const runbooksFolder = new URL('../../../docs/runbooks', import.meta.url).pathname

/** An article's id is its fault class, so that a fault and its article find each other. */
export function runbookId(faultClass: string): string {
  return `runbook-${faultClass}`
}

/** Reads a runbook: title, the safe checks as a checklist, the rest as it is. Undefined where the name is no fault class. */
export function parseRunbook(name: string, text: string): WriteArticle | undefined {
  const faultClass = faultClasses.find((candidate) => candidate === name)
  if (faultClass === undefined) return undefined
  const title = /^# (.+)$/m.exec(text)?.[1] ?? name
  const checks = /\*\*Safe checks[^\n]*\n((?:.+\n?)+)/.exec(text)?.[1] ?? ''
  const checklist = [...checks.matchAll(/^\d+\. (.+)$/gm)].map((match) =>
    (match[1] ?? '').trim().slice(0, 500),
  )
  return {
    title,
    body: text.slice(0, 40_000),
    checklist: checklist.slice(0, 30),
    faultClass,
    sharing: 'everybody',
  }
}

/** Brings the seeded articles to what the folder holds; what did not change keeps its version. Returns how many there are. */
export async function seedRunbooks(db: Database, folder: string, nowMs: number): Promise<number> {
  let count = 0
  for (const file of globSync('*.md', { cwd: folder }).sort()) {
    const article = parseRunbook(basename(file, '.md'), readFileSync(join(folder, file), 'utf8'))
    if (article === undefined) continue
    count += 1
    const id = runbookId(article.faultClass ?? '')
    await db.transaction().execute(async (trx) => {
      const present = await trx
        .selectFrom('articles')
        .select(['body', 'title'])
        .where('id', '=', id)
        .executeTakeFirst()
      if (present === undefined) await insertArticle(trx, id, null, article, nowMs)
      else if (present.body !== article.body || present.title !== article.title)
        await replaceArticle(trx, id, article, nowMs)
    })
  }
  return count
}
