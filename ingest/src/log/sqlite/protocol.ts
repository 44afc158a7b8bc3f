/** Rows of the log side by side, so that a whole group crosses the thread border as a few arrays and one transferred buffer. */
export interface RowGroup {
  readonly partitions: readonly number[]
  readonly offsets: readonly number[]
  readonly receivedAtMs: readonly number[]
  readonly kinds: readonly number[]
  readonly locationIds: readonly string[]
  readonly applianceIds: readonly (string | null)[]
  readonly lengths: readonly number[]
  /** All payloads, one behind the other. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** A change of who is connected, written with the group that carries its event. */
export interface SessionChange {
  readonly applianceId: string
  readonly locationId: string
  readonly isOpen: boolean
}

/** What the log's thread is asked to do. Writes that wait together become one transaction; reads follow behind it. */
export type LogRequest =
  | { readonly op: 'append'; readonly rows: RowGroup; readonly sessions: readonly SessionChange[] }
  | { readonly op: 'own'; readonly partition: number; readonly consumer: string }
  | {
      readonly op: 'commit'
      readonly partition: number
      readonly consumer: string
      readonly revision: number
      readonly offset: number
      readonly states: readonly (readonly [key: string, state: Uint8Array | null])[]
      readonly outputs: readonly Uint8Array[]
    }
  | {
      readonly op: 'release'
      readonly partition: number
      readonly consumer: string
      readonly revision: number
    }
  | { readonly op: 'acknowledge'; readonly partition: number; readonly upToId: number }
  | { readonly op: 'trim'; readonly partition: number; readonly upToOffset: number; readonly maxRows: number }
  | { readonly op: 'read'; readonly partition: number; readonly afterOffset: number }
  | {
      readonly op: 'states'
      readonly partition: number
      readonly consumer: string
      readonly afterKey: string
    }
  | { readonly op: 'outputs'; readonly partition: number; readonly afterId: number }
  | { readonly op: 'acknowledged'; readonly partition: number }
  | { readonly op: 'sessions' }
  | { readonly op: 'close' }

/** What the log's thread answers to each request. */
export interface LogAnswers {
  append: null
  own: { readonly revision: number; readonly committedOffset: number }
  commit: { readonly isStale: boolean }
  release: null
  acknowledge: null
  trim: { readonly rows: number; readonly bytes: number }
  read: RowGroup
  states: readonly (readonly [key: string, state: Uint8Array])[]
  outputs: readonly { readonly id: number; readonly body: Uint8Array }[]
  acknowledged: number
  sessions: readonly { readonly applianceId: string; readonly locationId: string }[]
  close: null
}
export type LogAnswer = LogAnswers[keyof LogAnswers]

export interface RequestMessage {
  readonly id: number
  readonly request: LogRequest
}
export type AnswerMessage =
  | { readonly id: number; readonly answer: LogAnswer }
  | { readonly id: number; readonly failure: string }

/** First message of the thread: how the log was found, or why it cannot be opened. */
export type OpenedMessage =
  | {
      readonly opened: true
      readonly partitions: readonly {
        readonly head: number
        readonly trimmedTo: number
        readonly bytes: number
        readonly lastAtMs: number
        readonly committed: readonly (readonly [consumer: string, offset: number])[]
      }[]
    }
  | { readonly opened: false; readonly failure: string }

export interface WorkerOptions {
  readonly file: string
  readonly partitionCount: number
}

/** Bytes that a row costs besides its payload; a round figure for the cap. */
export const rowOverheadBytes = 100
