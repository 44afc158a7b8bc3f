import { setTimeout as delay } from 'node:timers/promises'
import { fingerprint } from '@proactive/shared'
import type { Helpdesk, RemoteIssue } from '../helpdesk.ts'

/** The Issue as we told it: receivers that only listen have no state of their own to read. */
export function toldIssue(
  prefix: string,
  key: string,
  told: Pick<RemoteIssue, 'status' | 'ownerTeamId'>,
  nowMs: number,
): RemoteIssue {
  const mark = fingerprint([prefix, key], 8)
  return {
    key,
    id: `${prefix}-${mark}`,
    // Six base32 characters are 30 bits: a number that stays the same for the key.
    number: [...mark.slice(0, 6)].reduce(
      (sum, letter) => sum * 32 + 'abcdefghijklmnopqrstuvwxyz234567'.indexOf(letter),
      1,
    ),
    ...told,
    isTouched: false,
    createdAtMs: nowMs,
  }
}

/** The part of a helpdesk that a receiver without answers cannot fill: nothing to find, nothing ever changes there. */
export const listenerOnly: Pick<Helpdesk, 'findByKey' | 'changesSince'> = {
  findByKey: async () => ({ kind: 'ok', value: [] }),
  async changesSince(cursor, waitMs, signal) {
    await delay(waitMs, undefined, { signal })
    return { kind: 'ok', value: { issues: [], cursor: cursor ?? 'none' } }
  },
}
