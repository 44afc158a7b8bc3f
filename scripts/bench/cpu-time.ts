import { readdirSync, readFileSync } from 'node:fs'

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

/** Processor seconds of a process, of its children that live, and of those it has buried; 10 ms is the kernel's finest count. */
export function familyCpuSeconds(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const own = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0) / ticksPerSecond
    return own + childrenOf(pid).reduce((sum, child) => sum + familyCpuSeconds(child), 0)
  } catch {
    return 0
  }
}

/** Resident memory of a process alone, in MB (10^6 bytes); 0 where /proc does not tell. */
export function rssMbOf(pid: number): number {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return (Number(kilobytes ?? 0) * 1_024) / 1e6
  } catch {
    return 0
  }
}

/** The children of all threads of a process (proc(5), task/tid/children). */
export function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((tid) =>
    readFileSync(`/proc/${pid}/task/${tid}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  )
}

/** Processor seconds of this process. */
export function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** Share of the machine's processors (0..1) that other programs used while `work` ran; 0 where /proc does not tell. */
export async function othersShareOf<T>(work: () => Promise<T>): Promise<{ result: T; othersShare: number }> {
  const before = { machine: machineCpuSeconds(), own: ownCpuSeconds(), at: performance.now() }
  const result = await work()
  const seconds = (performance.now() - before.at) / 1_000
  const machine = machineCpuSeconds()
  if (machine.processors === 0) return { result, othersShare: 0 }
  const others = machine.busySeconds - before.machine.busySeconds - (ownCpuSeconds() - before.own)
  return { result, othersShare: Math.max(others, 0) / (seconds * machine.processors) }
}

/** What all programs have used, by the kernel's counters (proc(5), `/proc/stat`: user nice system idle iowait irq softirq steal). */
function machineCpuSeconds(): { busySeconds: number; processors: number } {
  try {
    const lines = readFileSync('/proc/stat', 'utf8').split('\n')
    const [, ...ticks] = (lines[0] ?? '').split(/\s+/).map(Number)
    const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = ticks
    return {
      busySeconds: (user + nice + system + irq + softirq + steal) / ticksPerSecond,
      processors: lines.filter((line) => /^cpu\d/.test(line)).length,
    }
  } catch {
    return { busySeconds: 0, processors: 0 }
  }
}
