import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants, homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { resolveEntry } from './commands.mjs'
import { ensurePackages, InstallError } from './packages.mjs'
import { findNode, missingNodeSentence } from './pinned-node.mjs'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
/** node:sqlite still announces itself as experimental at every start; it is what we chose. */
const NODE_FLAGS = ['--disable-warning=ExperimentalWarning']
const FORWARDED_SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])

/**
 * Installs what is missing and becomes the program that the command names.
 * @param {readonly string[]} argv
 */
export async function run(argv) {
  const entry = resolveEntry(argv)
  if (typeof entry === 'string') return fail(entry, 2)
  const main = join(root, entry.main)
  if (!existsSync(main))
    return fail(`This version has no "${argv.join(' ')}" yet: ${entry.main} is missing.`, 2)
  try {
    await ensurePackages(root)
  } catch (error) {
    if (error instanceof InstallError) return fail(error.message, 1)
    return fail(`The packages could not be looked at: ${error instanceof Error ? error.message : error}`, 1)
  }
  const node = findNode(root)
  if (node === undefined) return fail(missingNodeSentence(), 1)
  become(node, [...NODE_FLAGS, main, ...entry.args])
}

/**
 * Replaces this process by the program where the running Node can do that, so that signals and exit code need nobody
 * in between; else starts it as a child and passes both on.
 * @param {string} file
 * @param {string[]} args
 */
function become(file, args) {
  const env = { NODE_COMPILE_CACHE: compileCacheFolder(), ...process.env }
  if (typeof process.execve === 'function') {
    process.removeAllListeners('warning')
    process.execve(file, [file, ...args], env)
  }
  const child = spawn(file, args, { stdio: 'inherit', env })
  for (const signal of FORWARDED_SIGNALS) {
    process.on(signal, () => {
      // Ctrl-C in a terminal reaches the child by itself. Without a terminal nobody can tell who else was signalled, so it is passed on: a program
      // that leaves children must take the same signal twice for one.
      if (signal === 'SIGINT' && process.stdin.isTTY) return
      child.kill(signal)
    })
  }
  child.on('error', (error) => fail(`${file} could not be started: ${error.message}`, 1))
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (signal ? constants.signals[signal] : 0)
  })
}

/** Where Node keeps what it compiled: every program of ours starts in half the time from the second start on. */
function compileCacheFolder() {
  const cache = process.env.XDG_CACHE_HOME || join(process.env.HOME || homedir(), '.cache')
  return join(cache, 'proactive', 'compiled')
}

/**
 * @param {string} sentence
 * @param {number} exitCode 1 failed, 2 used wrongly
 */
function fail(sentence, exitCode) {
  process.stderr.write(`${sentence}\n`)
  process.exitCode = exitCode
}
