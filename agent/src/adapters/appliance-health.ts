import { readFile, statfs } from 'node:fs/promises'
import type { ApplianceHealth, HealthReader } from '../ports/index.ts'

const thermalFile = '/sys/class/thermal/thermal_zone0/temp'
const ioFile = '/proc/self/io'
const readTimeoutMs = 3_000

type SystemInformation = typeof import('systeminformation')

/**
 * The appliance's health by `systeminformation` (loaded when first needed; only functions that read /proc and run nothing),
 * disk and temperature straight from the system.
 */
export function createHealthReader(dataDir: string): HealthReader {
  let library: Promise<SystemInformation> | undefined
  return {
    async read(): Promise<ApplianceHealth> {
      library ??= import('systeminformation').then((module) => module.default ?? module)
      const si = await library
      const [load, memory, disk, temperature, io] = await Promise.all([
        orNull(si.currentLoad()),
        orNull(si.mem()),
        orNull(statfs(dataDir)),
        orNull(readFile(thermalFile, 'utf8')),
        orNull(readFile(ioFile, 'utf8')),
      ])
      const written = /^write_bytes: (\d+)$/m.exec(io ?? '')?.[1]
      return {
        cpuRatio: load === null ? null : load.currentLoad / 100,
        load1: load === null ? null : await loadAverage(),
        memoryUsedRatio: memory === null || memory.total === 0 ? null : 1 - memory.available / memory.total,
        rssBytes: process.memoryUsage.rss(),
        temperatureC: temperature === null ? null : Number(temperature) / 1_000,
        diskUsedRatio: disk === null || disk.blocks === 0 ? null : 1 - disk.bavail / disk.blocks,
        writtenBytes: written === undefined ? null : Number(written),
      }
    },
  }
}

async function loadAverage(): Promise<number | null> {
  const text = await orNull(readFile('/proc/loadavg', 'utf8'))
  const value = Number(text?.split(' ')[0])
  return text === null || Number.isNaN(value) ? null : value
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
