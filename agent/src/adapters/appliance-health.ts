import { readFile, statfs } from 'node:fs/promises'
import { totalmem } from 'node:os'
import type { ApplianceHealth, HealthReader } from '../ports/index.ts'
import { readBoard } from './board.ts'

const thermalFile = '/sys/class/thermal/thermal_zone0/temp'
const readTimeoutMs = 3_000

/**
 * The appliance's health from /proc and /sys. On a machine without them `systeminformation` is asked, which costs 10 MB of memory,
 * so it is loaded only there.
 */
export function createHealthReader(dataDir: string): HealthReader {
  let cpuBefore: CpuTimes | undefined
  return {
    readBoard: () => readBoard(),
    async read(): Promise<ApplianceHealth> {
      const [stat, memory, load, io, temperature, disk] = await Promise.all([
        textOf('/proc/stat'),
        textOf('/proc/meminfo'),
        textOf('/proc/loadavg'),
        textOf('/proc/self/io'),
        textOf(thermalFile),
        orNull(statfs(dataDir)),
      ])
      const own = {
        rssBytes: process.memoryUsage.rss(),
        temperatureC: temperature === null ? null : Number(temperature) / 1_000,
        diskUsedRatio: disk === null || disk.blocks === 0 ? null : 1 - disk.bavail / disk.blocks,
        writtenBytes: numberIn(io, /^write_bytes: (\d+)$/m),
      }
      if (stat === null || memory === null) return { ...own, ...(await readByLibrary()) }
      const cpu = parseCpuTimes(stat)
      const cpuRatio = busyRatio(cpuBefore, cpu)
      cpuBefore = cpu
      return {
        ...own,
        cpuRatio,
        load1: numberIn(load, /^([\d.]+)/),
        memoryUsedRatio: usedRatio(
          numberIn(memory, /^MemTotal:\s+(\d+)/m),
          numberIn(memory, /^MemAvailable:\s+(\d+)/m),
        ),
      }
    },
  }
}

interface CpuTimes {
  readonly busy: number
  readonly total: number
}

/** First line of /proc/stat (proc(5)): user nice system idle iowait irq softirq steal. */
export function parseCpuTimes(text: string): CpuTimes | undefined {
  const ticks = /^cpu +([\d ]+)/.exec(text)?.[1]?.trim().split(' ').slice(0, 8).map(Number)
  if (ticks === undefined || ticks.length < 4) return undefined
  const total = ticks.reduce((sum, value) => sum + value, 0)
  return { total, busy: total - (ticks[3] ?? 0) - (ticks[4] ?? 0) }
}

function busyRatio(before: CpuTimes | undefined, now: CpuTimes | undefined): number | null {
  if (before === undefined || now === undefined || now.total <= before.total) return null
  return (now.busy - before.busy) / (now.total - before.total)
}

function usedRatio(total: number | null, available: number | null): number | null {
  return total === null || available === null || total === 0 ? null : 1 - available / total
}

/** Only functions that read and run nothing; never `wifi*()` or `versions()` (command injection in the past). */
export async function readByLibrary(): Promise<
  Pick<ApplianceHealth, 'cpuRatio' | 'load1' | 'memoryUsedRatio'>
> {
  // By its default export: in the appliance's bundle a CommonJS library has no other.
  const { default: library } = await import('systeminformation')
  const [load, memory] = await Promise.all([orNull(library.currentLoad()), orNull(library.mem())])
  return {
    cpuRatio: load === null ? null : load.currentLoad / 100,
    load1: load === null ? null : load.avgLoad,
    memoryUsedRatio: memory === null ? null : usedRatio(memory.total || totalmem(), memory.available),
  }
}

function numberIn(text: string | null, pattern: RegExp): number | null {
  const found = text === null ? undefined : pattern.exec(text)?.[1]
  return found === undefined ? null : Number(found)
}

function textOf(file: string): Promise<string | null> {
  return orNull(readFile(file, 'utf8'))
}

/** What cannot be read in time is not known. */
async function orNull<T>(work: Promise<T>): Promise<T | null> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, readTimeoutMs, null)
  })
  try {
    return await Promise.race([work, late])
  } catch {
    return null
  } finally {
    clearTimeout(timer)
  }
}
