import type { EpochMs } from '@proactive/shared'
import type { SeriesQuery } from '@proactive/shared/http'
import type { Buckets, BucketValues } from '../buckets.ts'
import type { LatestRow } from './day-tables.ts'
import type { WideRows } from './wide-rows.ts'

/** What the store asks of its worker thread. */
export type Work =
  | { readonly op: 'write'; readonly rows: readonly WideRows[] }
  | {
      readonly op: 'buckets'
      readonly locationId: string
      readonly query: SeriesQuery
      readonly buckets: Buckets
    }
  | { readonly op: 'latest'; readonly locationId: string; readonly sinceMs: EpochMs }
  | { readonly op: 'drop-before'; readonly day: number }
  | { readonly op: 'close' }

export type WorkOf<Op extends Work['op']> = Extract<Work, { op: Op }>

export interface ResultOf {
  readonly write: undefined
  readonly buckets: readonly BucketValues[]
  readonly latest: readonly LatestRow[]
  readonly 'drop-before': undefined
  readonly close: undefined
}

export interface WorkRequest {
  readonly id: number
  readonly work: Work
}

/** An answer; id 0 says whether the file could be opened. */
export type WorkReply =
  | { readonly id: number; readonly result: ResultOf[Work['op']] }
  | { readonly id: number; readonly failure: string }

export interface WorkerData {
  readonly file: string
}

export const openedId = 0
