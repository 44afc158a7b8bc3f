import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, readFileSync } from 'node:fs'

const MAX_SERIAL_CHARS = 2_000_000
const CPU_SAMPLE_MS = 500

/** A virtual machine whose serial line is read as it speaks. */
export interface Machine {
  /** All the serial line has said. */
  readonly serial: () => string
  /**
   * Resolves with the first match after `from` characters of the serial line.
   * @throws Error with the last lines, when the time is over or the machine has ended
   */
  waitFor(pattern: RegExp, timeoutMs: number, from?: number): Promise<RegExpMatchArray>
  /** Resolves when the machine has ended: powered off, restarted under `-no-reboot`, or killed. */
  readonly ended: Promise<void>
  /** Processor time it has used, in seconds: what a start costs, however busy this machine is. */
  readonly cpuSeconds: () => number
  /** Pulls the plug: SIGKILL, which no program can delay. Safe to call twice. */
  kill(): Promise<void>
}

export interface MachineOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** Where the serial line is kept as well. */
  readonly logFile?: string
  /** Adds up what several machines cost. */
  readonly meter?: Meter
}

/** Processor time in seconds, user and system, of the machines that have ended. */
export interface Meter {
  cpuSeconds: number
}

/** Starts QEMU with its serial line on stdout (`-serial stdio`). It dies with us. */
export function startMachine({ command, args, env, logFile, meter }: MachineOptions): Machine {
  const child: ChildProcess = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  let complaint = ''
  let isOver = false
  let cpuSeconds = 0
  const readCpu = () => {
    cpuSeconds = readCpuSeconds(child.pid) ?? cpuSeconds
    return cpuSeconds
  }
  // What a machine has used cannot be read any more once it has ended by itself.
  const sampling = setInterval(readCpu, CPU_SAMPLE_MS)
  const listeners = new Set<() => void>()
  const tell = () => {
    for (const listener of [...listeners]) listener()
  }
  const log = logFile === undefined ? undefined : createWriteStream(logFile)
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    log?.write(chunk)
    text = (text + chunk.replaceAll('\r', '')).slice(-MAX_SERIAL_CHARS)
    tell()
  })
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    complaint = (complaint + chunk).slice(-4000)
  })
  const stopWithUs = () => child.kill('SIGKILL')
  process.once('exit', stopWithUs)
  const ended = new Promise<void>((resolve) => {
    const finish = () => {
      isOver = true
      clearInterval(sampling)
      if (meter !== undefined) meter.cpuSeconds += cpuSeconds
      process.off('exit', stopWithUs)
      log?.end()
      resolve()
      tell()
    }
    child.once('error', (error) => {
      complaint += `${command} could not be started: ${error.message}`
      finish()
    })
    child.once('close', finish)
  })
  const lastLines = () => `${text.trimEnd().split('\n').slice(-15).join('\n')}\n${complaint}`.trim()

  return {
    serial: () => text,
    cpuSeconds: readCpu,
    ended,
    waitFor(pattern, timeoutMs, from = 0) {
      return new Promise((resolve, reject) => {
        const done = (act: () => void) => {
          clearTimeout(timer)
          listeners.delete(look)
          act()
        }
        const timer = setTimeout(
          () =>
            done(() =>
              reject(new Error(`no ${pattern} within ${timeoutMs / 1000} s; last lines:\n${lastLines()}`)),
            ),
          timeoutMs,
        )
        const look = () => {
          const match = text.slice(from).match(pattern)
          if (match !== null) done(() => resolve(match))
          else if (isOver)
            done(() => reject(new Error(`the machine ended before ${pattern}; last lines:\n${lastLines()}`)))
        }
        listeners.add(look)
        look()
      })
    },
    async kill() {
      readCpu()
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** User and system time of a process, proc_pid_stat(5) fields 14 and 15, in ticks of 10 ms; undefined once it has ended. */
function readCpuSeconds(pid: number | undefined): number | undefined {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return undefined
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}
