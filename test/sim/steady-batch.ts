import type { Telemetry, TelemetryRow } from '@proactive/shared'

/** Whether a device of this alias is there, as far as the cloud knows. */
export interface KnownDevice {
  readonly alias: number
  readonly isThere: boolean
}

/** What the appliance reports of each thing while nothing changes; learned from its own batches. */
export interface SteadyBatch {
  /** Takes a batch of a window in which nothing changed and everything worked. */
  learn(batch: Telemetry): void
  /**
   * What the appliance will report from now on, where everything works and these devices are there or not: of each thing the row that it reported last
   * in that state. Undefined where there is none yet of somebody who is there; of who is silent nothing need be said.
   */
  compose(last: Telemetry, devices: readonly KnownDevice[]): Telemetry | undefined
  /** Aliases may mean somebody else from now on. */
  forget(): void
}

const watched = ['wan', 'dns', 'paypath'] as const

export function createSteadyBatch(): SteadyBatch {
  const rowByKey = new Map<string, TelemetryRow>()
  const keyOf = (family: string, alias: number | null | undefined, ratio: number) =>
    `${family} ${alias} ${ratio}`

  return {
    learn({ rows }) {
      for (const row of rows.device ?? [])
        if (row[1] === 0 || row[1] === 1) rowByKey.set(keyOf('device', row[0], row[1]), row)
      for (const family of watched)
        for (const row of rows[family] ?? []) if (row[1] === 1) rowByKey.set(keyOf(family, row[0], 1), row)
    },
    compose(last, devices) {
      const device: TelemetryRow[] = []
      for (const { alias, isThere } of devices) {
        const row = rowByKey.get(keyOf('device', alias, isThere ? 1 : 0))
        if (row !== undefined) device.push(row)
        else if (isThere) return undefined
      }
      const rows: Record<string, TelemetryRow[]> = { device }
      for (const family of watched) {
        const own = last.rows[family]
        if (own === undefined) continue
        const steady = own.map((row) => rowByKey.get(keyOf(family, row[0], 1)))
        if (!steady.every((row) => row !== undefined)) return undefined
        rows[family] = steady
      }
      return { ...last, rows: { ...last.rows, ...rows } as Telemetry['rows'] }
    },
    forget: () => rowByKey.clear(),
  }
}
