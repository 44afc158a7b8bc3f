import { readFileSync } from 'node:fs'

/** Kernel clock ticks per second, as /proc counts processor time (USER_HZ, 100 on every Linux we run on). */
const ticksPerSecond = 100

/** Processor seconds that a process and its threads have used; 0 where /proc does not tell. */
export function cpuSecondsOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
  } catch {
    return 0
  }
}

/** Processor seconds of this process. */
export function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
