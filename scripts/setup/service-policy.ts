import { readFileSync, rmSync, writeFileSync } from 'node:fs'

/** Signals that would end us while the policy is in force. */
const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const mark = '# Put here by the set-up of Proactive while it installs packages; safe to remove.'
const policy = `#!/bin/sh\n${mark}\nexit 101\n`

/**
 * Runs `work` while Debian's installer may start no service (policy-rc.d, as invoke-rc.d(8) describes). The policy is
 * removed again however it ends; a policy the machine already has stays as it is, one that a killed set-up left
 * behind is removed.
 */
export async function withoutStartingServices<T>(
  work: () => Promise<T>,
  path = '/usr/sbin/policy-rc.d',
): Promise<T> {
  const present = readText(path)
  if (present !== undefined && !present.includes(mark)) return await work()
  const remove = () => rmSync(path, { force: true })
  const removeAndEnd = (signal: NodeJS.Signals) => {
    remove()
    for (const name of endingSignals) process.off(name, removeAndEnd)
    process.kill(process.pid, signal)
  }
  for (const signal of endingSignals) process.on(signal, removeAndEnd)
  try {
    writeFileSync(path, policy, { mode: 0o755 })
    return await work()
  } finally {
    remove()
    for (const signal of endingSignals) process.off(signal, removeAndEnd)
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
