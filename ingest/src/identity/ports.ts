import type { EpochMs } from '@proactive/shared'

/** Port: one-use claim tokens. Implemented by the directory. */
export interface ClaimStore {
  /**
   * Gives the token to this appliance and tells whose it was; atomic, so that of two appliances one gets `undefined`. The same
   * appliance may ask again while the token lives: its answer may have been lost, by the network or by a crash of ours.
   * An unknown, spent or expired token is `undefined` too: a guesser learns nothing.
   */
  consume(token: string, applianceId: string): Promise<{ readonly locationId: string } | undefined>
}

/** What the cloud knows about an appliance when it knocks. */
export interface KnownAppliance {
  readonly locationId: string
  /** Set once the identity must not be used any more. */
  readonly revokedAtMs?: EpochMs
}

/** Port: which appliances exist and where they stand. Implemented by the directory. */
export interface ApplianceRegistry {
  register(appliance: {
    readonly applianceId: string
    readonly locationId: string
    readonly certificateNotAfterMs: EpochMs
    /** Kept, so that secrets can be sealed to its key. */
    readonly certificatePem?: string
  }): Promise<void>
  /** The certificate was renewed and lives until then. */
  renewed(applianceId: string, certificateNotAfterMs: EpochMs, certificatePem?: string): Promise<void>
  find(applianceId: string): Promise<KnownAppliance | undefined>
  /** Its certificate counts no longer and its connection is cut; a repeat changes nothing. */
  revoke(applianceId: string): Promise<void>
}
