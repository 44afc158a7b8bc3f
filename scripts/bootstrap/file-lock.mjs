import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Time between two looks at a lock that somebody else holds. */
const RETRY_MS = 100
/** A take-over lasts microseconds; a guard older than this belongs to a process that died in it. */
const GUARD_STALE_MS = 10_000

/**
 * Runs `work` while no other process on this machine holds the lock file. A holder that died (killed, power cut)
 * is recognised by its process id and start time, and its lock is taken over.
 * @template T
 * @param {string} path the lock file; its folder is made
 * @param {{ timeoutMs: number, onWait?: (holderPid: number) => void }} options
 *   `onWait` is told once, when the lock turns out to be held
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 * @throws {Error} when the lock is still held after `timeoutMs`
 */
export async function withFileLock(path, options, work) {
  mkdirSync(dirname(path), { recursive: true })
  const mine = `${process.pid} ${startTime(process.pid)}\n`
  const deadline = Date.now() + options.timeoutMs
  let hasTold = false
  while (!createWith(path, mine)) {
    const holder = readHolder(path)
    if (holder === undefined) continue
    if (!isAlive(holder)) {
      takeOver(path, holder.text)
      continue
    }
    if (!hasTold) options.onWait?.(holder.pid)
    hasTold = true
    if (Date.now() > deadline) {
      throw new Error(`process ${holder.pid} holds ${path} for too long: end it, or remove that file`)
    }
    await sleep(RETRY_MS)
  }
  try {
    return await work()
  } finally {
    if (readHolder(path)?.text === mine) rmSync(path, { force: true })
  }
}

/**
 * Creates the file with its content in one step, so that nobody ever reads a lock without its owner.
 * @param {string} path
 * @param {string} text
 * @returns {boolean} false when it exists
 */
function createWith(path, text) {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  writeFileSync(draft, text)
  try {
    linkSync(draft, path)
    return true
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

/**
 * @param {string} path
 * @returns {{ pid: number, startedAt: string, text: string } | undefined} undefined when it has just gone
 */
function readHolder(path) {
  try {
    const text = readFileSync(path, 'utf8')
    const [pid = '', startedAt = ''] = text.trim().split(' ')
    return { pid: Number(pid), startedAt, text }
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Removes a dead owner's lock; a second file guards the look and the removal, else two waiters could
 * remove each other's fresh lock.
 * @param {string} path
 * @param {string} staleText
 */
function takeOver(path, staleText) {
  const guard = `${path}.takeover`
  if (!createWith(guard, `${process.pid}\n`)) {
    const madeAtMs = statSync(guard, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()
    if (Date.now() - madeAtMs > GUARD_STALE_MS) rmSync(guard, { force: true })
    return
  }
  if (readHolder(path)?.text === staleText) rmSync(path, { force: true })
  rmSync(guard, { force: true })
}

/**
 * @param {{ pid: number, startedAt: string }} holder
 * @returns {boolean}
 */
function isAlive(holder) {
  if (!Number.isInteger(holder.pid) || holder.pid <= 0) return false
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ESRCH') return false
  }
  const now = startTime(holder.pid)
  return now === '?' || holder.startedAt === '?' || now === holder.startedAt
}

/**
 * When the process was started, in clock ticks since boot: tells a process from a later one with the same id.
 * @param {number} pid
 * @returns {string} `?` where /proc cannot tell
 */
function startTime(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '?'
  } catch {
    return '?'
  }
}
