import type { Client } from 'aedes'
import type { FrameGuard } from './frame-guard.ts'

/** One connection of one appliance, from its admission to its end. */
export interface Session {
  /** Unlike any other's, also of the same appliance: the log keeps the order within it. */
  readonly id: string
  readonly applianceId: string
  readonly locationId: string
  /** As the socket has it. */
  readonly remoteAddress: string
  readonly client: Client
  readonly guard: FrameGuard
  /** Once true nothing more of it is stored: an earlier message was not, or another connection took its place. */
  isPoisoned: boolean
  /** Settles when its opening is in the log; its end may be told only then. */
  opening: Promise<void>
}
