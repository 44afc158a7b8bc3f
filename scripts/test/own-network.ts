import { runProgram } from '../process/run-program.ts'

const TRY_DEADLINE_MS = 10_000

/** A command line to put before another one. */
export type CommandPrefix = readonly string[]

/**
 * Finds how a command can run in a network of its own, where nothing but loopback exists: no packet of a test can
 * reach anybody's LAN. As root by `unshare -n`, else with a user namespace.
 * @returns undefined where the machine allows neither
 */
export async function findOwnNetwork(env: NodeJS.ProcessEnv): Promise<CommandPrefix | undefined> {
  const enter = ['--', 'sh', '-c', 'ip link set lo up && exec "$@"', 'own-network']
  const candidates =
    process.getuid?.() === 0
      ? [
          ['unshare', '-n'],
          ['unshare', '-Urn'],
        ]
      : [['unshare', '-Urn']]
  for (const [file = 'unshare', ...flags] of candidates) {
    const args = [...flags, ...enter]
    const { code } = await runProgram(file, [...args, 'true'], { timeoutMs: TRY_DEADLINE_MS, env })
    if (code === 0) return [file, ...args]
  }
  return undefined
}
