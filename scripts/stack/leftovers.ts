import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const runFileSchema = z.object({
  supervisor: z.object({ pid: z.int().positive(), startedTicks: z.string() }),
  url: z.string(),
  processes: z.array(z.object({ name: z.string(), pid: z.int().positive(), startedTicks: z.string() })),
})
type RunFile = z.infer<typeof runFileSchema>

/** A run in this data folder that still goes on. */
export interface OtherRun {
  readonly pid: number
  readonly url: string
}

/**
 * Looks at what an earlier run left in the data folder: a run that still lives is told, processes of a killed one are ended.
 * A process is ours only if its pid still has the start time that we wrote down (`/proc/<pid>/stat`, field 22).
 */
export async function clearLeftovers(dataDir: string): Promise<OtherRun | undefined> {
  const run = readRunFile(dataDir)
  if (run === undefined) return undefined
  if (isSameProcess(run.supervisor)) return { pid: run.supervisor.pid, url: run.url }
  for (const leftover of run.processes.filter(isSameProcess)) {
    try {
      process.kill(leftover.pid, 'SIGKILL')
    } catch {
      // It ended by itself in the meantime.
    }
  }
  const deadlineMs = performance.now() + 3_000
  while (run.processes.some(isSameProcess) && performance.now() < deadlineMs) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  rmSync(join(dataDir, 'run.json'), { force: true })
  return undefined
}

/** Writes down who runs here, for {@link clearLeftovers} of a later start. */
export function recordRun(
  dataDir: string,
  url: string,
  processes: readonly { name: string; pid: number }[],
): void {
  const stamp = (pid: number) => ({ pid, startedTicks: startTicks(pid) ?? '' })
  const run: RunFile = {
    supervisor: stamp(process.pid),
    url,
    processes: processes.map(({ name, pid }) => ({ name, ...stamp(pid) })),
  }
  writeFileSync(join(dataDir, 'run.json'), JSON.stringify(run), { mode: 0o600 })
}

export function forgetRun(dataDir: string): void {
  rmSync(join(dataDir, 'run.json'), { force: true })
}

function readRunFile(dataDir: string): RunFile | undefined {
  try {
    const parsed = runFileSchema.safeParse(JSON.parse(readFileSync(join(dataDir, 'run.json'), 'utf8')))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}

function isSameProcess({ pid, startedTicks }: { pid: number; startedTicks: string }): boolean {
  return startedTicks !== '' && startTicks(pid) === startedTicks
}

/** Start time of a process in clock ticks since boot, proc(5); undefined where it does not live (a zombie counts as dead). */
function startTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}
