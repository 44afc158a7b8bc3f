import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const runFileSchema = z.object({
  supervisor: z.object({ pid: z.int().positive(), startedTicks: z.string() }),
  /** Where people look at it; empty while it starts. */
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
  await endProcesses(run)
  rmSync(join(dataDir, 'run.json'), { force: true })
  return undefined
}

/** Kills them, and waits until they are gone; at most 3 s. */
async function endProcesses({ processes }: RunFile): Promise<void> {
  for (const { pid } of processes.filter(isSameProcess)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended by itself in the meantime.
    }
  }
  const deadlineMs = performance.now() + 3_000
  while (processes.some(isSameProcess) && performance.now() < deadlineMs) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Who runs in a data folder, on disk from the moment each is spawned: what {@link clearLeftovers} of a later start reads. */
export interface RunRecord {
  add(name: string, pid: number): void
  setUrl(url: string): void
  /** Ends what is written down and still lives. */
  endAll(): Promise<void>
  /** All ended in order: nothing is left to clear. */
  forget(): void
}

export function openRunRecord(dataDir: string): RunRecord {
  const file = join(dataDir, 'run.json')
  const stamp = (pid: number) => ({ pid, startedTicks: startTicks(pid) ?? '' })
  let run: RunFile = { supervisor: stamp(process.pid), url: '', processes: [] }
  const save = (next: RunFile) => {
    run = next
    const half = `${file}.half`
    writeFileSync(half, JSON.stringify(run), { mode: 0o600 })
    renameSync(half, file)
  }
  save(run)
  return {
    add: (name, pid) => save({ ...run, processes: [...run.processes, { name, ...stamp(pid) }] }),
    setUrl: (url) => save({ ...run, url }),
    endAll: () => endProcesses(run),
    forget: () => rmSync(file, { force: true }),
  }
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
