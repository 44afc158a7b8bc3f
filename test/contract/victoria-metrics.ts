import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const readyDeadlineMs = 20_000

/** Debian's victoria-metrics on loopback: it takes the write path of InfluxDB 2. Without the dedup flag it keeps a point per delivery. */
export async function startVictoriaMetrics() {
  const dataDir = await mkdtemp(join(tmpdir(), 'proactive-victoria-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const start = async () => {
    const child = spawn(
      'victoria-metrics',
      [
        `-storageDataPath=${dataDir}`,
        `-httpListenAddr=127.0.0.1:${port}`,
        '-retentionPeriod=12',
        '-dedup.minScrapeInterval=1ms',
        '-loggerLevel=ERROR',
      ],
      { stdio: 'ignore' },
    )
    const endWithUs = () => void child.kill('SIGKILL')
    process.once('exit', endWithUs)
    const ended = new Promise<void>((resolve) => {
      child.once('exit', () => resolve())
      child.once('error', () => resolve())
    })
    const deadline = Date.now() + readyDeadlineMs
    while (!(await isUp())) {
      if (Date.now() > deadline || child.exitCode !== null) throw new Error('victoria-metrics did not start')
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    return async () => {
      process.off('exit', endWithUs)
      child.kill('SIGTERM')
      await ended
    }
  }
  const isUp = () =>
    fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    )
  let stop = await start()
  return {
    url,
    /** What was written is readable only after this (else within seconds). */
    flush: () => fetch(`${url}/internal/force_flush`),
    /** Samples of all series that match, `{name, labels, times, values}` (VictoriaMetrics' JSON lines). */
    async exportOf(selector: string): Promise<ExportedSeries[]> {
      const text = await fetch(`${url}/api/v1/export?match[]=${encodeURIComponent(selector)}`).then(
        (response) => response.text(),
      )
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as ExportedSeries)
    },
    stop: () => stop(),
    async restart() {
      stop = await start()
    },
    async dispose() {
      await stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

export interface ExportedSeries {
  readonly metric: Readonly<Record<string, string>>
  readonly values: readonly number[]
  readonly timestamps: readonly number[]
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
