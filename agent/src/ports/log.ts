/** Port: the log of a program, in pino's shape: fields first, a fixed sentence second. Transitions only; never secrets. */
export interface Log {
  debug(fields: object, sentence: string): void
  info(fields: object, sentence: string): void
  warn(fields: object, sentence: string): void
  error(fields: object, sentence: string): void
}

/** Swallows everything; for tests and simulations. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} }
