/** How the appliance itself is doing; null where this machine does not tell. */
export interface ApplianceHealth {
  readonly cpuRatio: number | null
  readonly memoryUsedRatio: number | null
  readonly rssBytes: number | null
  readonly load1: number | null
  readonly temperatureC: number | null
  readonly diskUsedRatio: number | null
  /** Bytes this process made the disk write since it started. */
  readonly writtenBytes: number | null
}

/** Port: reads the appliance's own health; costs little enough to be read each window. */
export interface HealthReader {
  read(): Promise<ApplianceHealth>
}
