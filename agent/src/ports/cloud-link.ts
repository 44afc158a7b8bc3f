import type { DownKind, UpKind } from '@proactive/shared'

/** The way a connection takes. */
export interface CloudRoute {
  readonly uplinkId: string
  /** Source address of the connection; undefined = the kernel's choice. */
  readonly localAddress?: string
  /** Resolvers to ask for the cloud's name on this way, before the machine's own. */
  readonly resolvers: readonly string[]
}

export interface CloudEvents {
  onMessage(kind: DownKind, payload: Uint8Array): void
  /** Called once, however the connection ends. */
  onClosed(reason: string): void
}

/** One live connection. */
export interface CloudConnection {
  /** Resolves when the cloud has it durably (PUBACK). @throws CloudLinkError when the connection ended first. */
  publish(kind: UpKind, payload: Uint8Array, options?: { readonly isRetained?: boolean }): Promise<void>
  /** Says goodbye (no last will) and closes. Never rejects. */
  close(): Promise<void>
  /** Cuts it at once; the cloud will see the last will. */
  cut(): void
}

/** Port: opens connections to the cloud. One attempt per call; retrying is the caller's business. */
export interface CloudLink {
  /**
   * Connects, subscribes to what comes down, resolves when both stand.
   * @throws CloudLinkError within `timeoutMs`; its message is for the log.
   */
  open(options: {
    readonly route: CloudRoute
    /** Payload of the retained last will on `status`. */
    readonly will: Uint8Array
    readonly timeoutMs: number
    readonly events: CloudEvents
  }): Promise<CloudConnection>
}
