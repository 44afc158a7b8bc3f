import { type CommandResult, toShortText } from '@proactive/shared'

export type Outcome = CommandResult['outcome']
type Part = Omit<Extract<Outcome, { status: 'ok' }>, 'status' | 'evidence'> &
  Partial<Pick<Extract<Outcome, { status: 'ok' }>, 'evidence'>>

/** One command under way, as the tool that carries it out sees it. */
export interface Job {
  /** Time left until the answer is due, with a little for the way; never negative. */
  leftMs(): number
  /** Tells a part before the end; nothing is told after it. */
  tell(part: Part): void
  /** Whether somebody else ended it: the deadline, or a newer command of its kind. */
  isOver(): boolean
}

export function refused(reason: string): Outcome {
  return { status: 'refused', reason: toShortText(reason, 200) }
}

/** Most lines of one result in the contract. */
const maxLines = 64

/** Gathers lines for the final result and tells each at once. */
export function createLines(job: Job): { add(line: string): void; readonly all: readonly string[] } {
  const all: string[] = []
  return {
    add(text) {
      const line = toShortText(text, 200)
      if (all.length < maxLines) all.push(line)
      job.tell({ lines: [line] })
    },
    all,
  }
}
