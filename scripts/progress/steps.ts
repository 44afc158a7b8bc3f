/** Runs one step of a longer job and tells its title and duration on a line of its own. */
export type StepRunner = <T>(title: string, work: () => Promise<T>) => Promise<T>

/**
 * Steps that write `title … 3.2 s` as they go; the title comes first, so that a slow step shows what it waits for.
 * Not for steps that run at the same time.
 */
export function createStepPrinter(write: (text: string) => void): StepRunner {
  return async (title, work) => {
    const startedAtMs = performance.now()
    write(`${title} … `)
    try {
      const result = await work()
      write(`${formatSeconds(performance.now() - startedAtMs)}\n`)
      return result
    } catch (error) {
      write('failed\n')
      throw error
    }
  }
}

/** Steps on stderr: stdout stays free for data. */
export const printSteps: StepRunner = createStepPrinter((text) => process.stderr.write(text))

/** Steps nobody watches. */
export const silentSteps: StepRunner = (_title, work) => work()

/** `0.4 s`, `12.3 s`, `3 min 05 s` */
export function formatSeconds(durationMs: number): string {
  const seconds = durationMs / 1000
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
}

/** `840 kB`, `28.4 MB` (decimal, as apt and npm count) */
export function formatBytes(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}
