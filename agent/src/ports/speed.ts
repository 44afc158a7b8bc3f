/** Where bytes can be moved to and from: an HTTP server that a person on site named. */
export interface SpeedServer {
  readonly url: string
  /** The address behind the URL's name, resolved and checked before. */
  readonly ip: string
  /** Source address, so that the bytes leave by the uplink that owns it. */
  readonly localAddress?: string
}

export interface SpeedLimits {
  readonly maxBytes: number
  readonly maxMs: number
}

export type SpeedOutcome =
  | { readonly kind: 'moved'; readonly bytes: number; readonly tookMs: number }
  | { readonly kind: 'failed'; readonly detail: string }

/** Port: moves bytes one way until a limit is met; keeps none of them. */
export interface SpeedMeter {
  /** Reads the body of a GET; the clock starts with its first byte. */
  download(server: SpeedServer, limits: SpeedLimits): Promise<SpeedOutcome>
  /** Writes zeros as the body of a POST; the clock starts with the first write, counted is what the kernel took. */
  upload(server: SpeedServer, limits: SpeedLimits): Promise<SpeedOutcome>
}
