import { spawn } from 'node:child_process'

/** What a finished command left; output beyond 1 MiB per stream is cut off. */
export interface CommandOutput {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const outputCap = 1_048_576

/**
 * Runs a program to its end, without a shell in between. A program that outlives the deadline is killed and counts as
 * exit code 124, as in `timeout(1)`; one that cannot be started counts as 127.
 */
export function runCommand(
  argv: readonly string[],
  options: { input?: string; deadlineMs?: number; env?: NodeJS.ProcessEnv } = {},
): Promise<CommandOutput> {
  const { input, deadlineMs = 10_000, env = process.env } = options
  return new Promise((resolve) => {
    const [program = '', ...args] = argv
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env })
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      child.kill('SIGKILL')
    }, deadlineMs)
    const stdout = collect(child.stdout)
    const stderr = collect(child.stderr)
    child.once('error', (error) => {
      clearTimeout(timer)
      resolve({ code: 127, stdout: '', stderr: error.message })
    })
    child.once('close', (code) => {
      clearTimeout(timer)
      resolve({ code: isLate ? 124 : (code ?? 128), stdout: stdout(), stderr: stderr() })
    })
    // A program may end without reading its input.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input ?? '')
  })
}

/** As `runCommand`, for steps that must work: throws with what the program said. */
export async function mustRun(
  argv: readonly string[],
  options: { input?: string; deadlineMs?: number; env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  const { code, stdout, stderr } = await runCommand(argv, options)
  if (code !== 0)
    throw new Error(`${argv.join(' ')} ended with code ${code}: ${stderr.trim() || stdout.trim()}`)
  return stdout
}

/** The command line that runs a program inside a node's network namespace. */
export function inNode(node: string, argv: readonly string[]): readonly string[] {
  return ['nsenter', `--net=/run/netns/${node}`, '--', ...argv]
}

/**
 * As `inNode`, with a `/sys` that shows the node's own interfaces: what a program under test may look at. Where the
 * machine forbids mounting one, the program sees the machine's `/sys`.
 */
export function inNodeWithSys(node: string, argv: readonly string[]): readonly string[] {
  const script = 'mount -t sysfs sysfs /sys 2>/dev/null; exec "$@"'
  return inNode(node, ['unshare', '--mount', 'sh', '-c', script, 'sh', ...argv])
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = []
  let length = 0
  stream.on('data', (chunk: Buffer) => {
    if (length >= outputCap) return
    chunks.push(chunk)
    length += chunk.length
  })
  return () => Buffer.concat(chunks).subarray(0, outputCap).toString('utf8')
}
