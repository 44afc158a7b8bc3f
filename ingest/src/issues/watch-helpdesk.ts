import { toShortText } from '@proactive/shared'
import {
  type DeadLetter,
  deadLetterSchema,
  type HelpdeskState,
  openIssueSchema,
} from '@proactive/shared/http'
import type { IssueDesk } from './issue-desk.ts'

type Watched = Pick<
  IssueDesk,
  'health' | 'problems' | 'look' | 'depth' | 'depthAt' | 'deadLetters' | 'revive'
>

/** The desk as people look at it: its state in one piece, and dead letters with the names they carry. */
export function watchHelpdesk(desk: Watched, kind: string) {
  return {
    async state(): Promise<HelpdeskState> {
      const { isReachable, sinceMs, reason } = desk.health()
      return {
        kind,
        isReachable,
        sinceMs,
        ...(reason === undefined ? {} : { reason: toShortText(reason, 300) }),
        problems: desk.problems().slice(0, 100),
        outbox: await desk.depth(),
      }
    },
    health: desk.health,
    depthAt: desk.depthAt,
    look: desk.look,
    revive: desk.revive,
    deadLetters: async (limit: number): Promise<DeadLetter[]> =>
      (await desk.deadLetters(limit)).map((row) => {
        const told = openIssueSchema.safeParse(safeJson(row.told))
        return deadLetterSchema.parse({
          key: row.key,
          opSeq: row.op_seq,
          kind: row.kind,
          locationId: row.location_id,
          name: told.success ? told.data.name : row.key,
          reason: row.last_error ?? '',
          attempts: row.attempts,
          atMs: row.updated_at_ms,
        })
      }),
  }
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
