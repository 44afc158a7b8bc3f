import { createHash, randomBytes } from 'node:crypto'
import type { issueFileSchema } from '@proactive/shared/http'
import type { z } from 'zod'
import type { UserActor } from '../access/actor.ts'
import type { Database, Trx } from '../db/open.ts'
import type { Conflict } from './desk-operations.ts'
import { refuse } from './edit.ts'
import type { FoundIssue } from './read.ts'
import { addEntry, changeIssue } from './write.ts'

/** Files of one Issue; a conversation with more is no conversation. */
const maxFilesPerIssue = 50
type IssueFile = z.infer<typeof issueFileSchema>

export async function addFile(
  trx: Trx,
  found: FoundIssue,
  { name, content }: { readonly name: string; readonly content: Uint8Array },
  { actor, nowMs }: { readonly actor: UserActor; readonly nowMs: number },
): Promise<{ found: FoundIssue; file: IssueFile } | Conflict> {
  const { count } = await trx
    .selectFrom('files')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('issue_number', '=', found.number)
    .executeTakeFirstOrThrow()
  if (count >= maxFilesPerIssue)
    return refuse('too-many-files', `An Issue holds at most ${maxFilesPerIssue} files.`)
  if (content.byteLength === 0) return refuse('empty-file', 'The file is empty.')
  const file: IssueFile = {
    id: `file-${randomBytes(12).toString('hex')}`,
    name: plainName(name),
    bytes: content.byteLength,
    sha256: createHash('sha256').update(content).digest('hex'),
    byName: actor.name,
    atMs: nowMs,
  }
  await trx
    .insertInto('files')
    .values({
      id: file.id,
      issue_number: found.number,
      name: file.name,
      bytes: file.bytes,
      sha256: file.sha256,
      content,
      by_name: actor.name,
      at_ms: nowMs,
    })
    .execute()
  await addEntry(trx, found.number, nowMs, {
    room: 'log',
    author: actor,
    body: `Added the file ${file.name}.`,
  })
  const changed = await changeIssue(
    trx,
    found,
    nowMs,
    { is_touched: 1 },
    {
      actor,
      action: 'file',
      details: { id: file.id, name: file.name, bytes: file.bytes, sha256: file.sha256 },
    },
  )
  return { found: changed, file }
}

export async function listFiles(db: Database, number: number): Promise<IssueFile[]> {
  const rows = await db
    .selectFrom('files')
    .select(['id', 'name', 'bytes', 'sha256', 'by_name', 'at_ms'])
    .where('issue_number', '=', number)
    .orderBy('at_ms')
    .orderBy('id')
    .execute()
  return rows.map(({ by_name, at_ms, ...rest }) => ({ ...rest, byName: by_name, atMs: at_ms }))
}

export async function readFileOf(db: Database, number: number, id: string) {
  return db
    .selectFrom('files')
    .select(['name', 'content'])
    .where('id', '=', id)
    .where('issue_number', '=', number)
    .executeTakeFirst()
}

/** A name without anything that a file system or a header would read as more than a name. */
function plainName(name: string): string {
  const plain = name
    .replace(/^.*[/\\]/, '')
    .replace(/[\p{C}"<>:|?*;]/gu, '_')
    .replace(/^\.+/, '')
  return plain.trim() === '' ? 'file' : plain.trim()
}

/** Always a download, never shown by the browser in our origin (RFC 6266, RFC 8187). */
export function dispositionOf(name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]/g, '_').replace(/[\\"%]/g, '_')
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)}`
}
