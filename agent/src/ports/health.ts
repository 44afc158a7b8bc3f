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

export type PowerFault = 'under-voltage' | 'frequency-capped' | 'throttled' | 'too-hot'

/** What the board tells about itself; null where this one does not. */
export interface Board {
  readonly temperatureC: number | null
  /** Raspberry Pi's own judgement: too little voltage or too much heat, now and since it started. */
  readonly power: { readonly isNow: readonly PowerFault[]; readonly hasBeen: readonly PowerFault[] } | null
  readonly card: {
    readonly name: string
    /** Since the board started. */
    readonly writtenBytes: number
    /** Share of its life that the card says is used up (eMMC; SD cards do not tell); steps of a tenth. */
    readonly lifeUsedRatio: number | null
  } | null
  readonly links: readonly {
    readonly name: string
    readonly speedMbit: number
    readonly isFullDuplex: boolean
  }[]
}

/** Port: reads the appliance's own health; costs little enough to be read each window. */
export interface HealthReader {
  read(): Promise<ApplianceHealth>
  /** The board beneath; absent where there is none of its own (a simulation). Never throws. */
  readBoard?(): Board
}
