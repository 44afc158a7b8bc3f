import type { Command, CommandResult, Desired } from '@proactive/shared'

/** Port: the configuration an appliance should have. Implemented by the directory. */
export interface DesiredSource {
  /** Newest version; undefined = nothing is wanted yet. */
  current(applianceId: string): Promise<Desired | undefined>
}

/** What the command dispatcher needs of whoever holds the connections: the gateway here, a subject per appliance with many nodes. */
export interface CommandLink {
  isConnected(applianceId: string): boolean
  /** Hands the command to the connection; false = not connected, nothing was sent. */
  send(applianceId: string, command: Command): boolean
  /** Called for each `result` after it is in the log, in order. Returns how to stop listening. */
  onResult(listener: (applianceId: string, result: CommandResult) => void): () => void
  /** Called when a connection is gone; what was asked through it gets no answer. */
  onDisconnect(listener: (applianceId: string) => void): () => void
}
