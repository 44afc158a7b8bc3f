import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withFileLock } from './file-lock.mjs'

const INSTALL_DEADLINE_MS = 10 * 60_000
/** Waiting for another process's install takes at most as long as two of them. */
const LOCK_DEADLINE_MS = 2 * INSTALL_DEADLINE_MS
/** What is said of an endless npm error log. */
const MAX_ERROR_LINES = 40
const ENDING_SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])
const NPM_ARGS = ['ci', '--include=dev', '--include=optional', '--loglevel=error', '--no-audit', '--no-fund']

/** The packages could not be installed; `message` is ready for the user. */
export class InstallError extends Error {}

/**
 * Makes node_modules agree with package-lock.json; does nothing, in a few milliseconds, when it already does.
 * @param {string} root the project's folder
 * @throws {InstallError}
 */
export async function ensurePackages(root) {
  if (isInstalled(root)) return
  await withFileLock(
    join(root, '.proactive', 'install.lock'),
    {
      timeoutMs: LOCK_DEADLINE_MS,
      onWait: (pid) => process.stderr.write(`waiting for process ${pid}, which is installing packages …\n`),
    },
    async () => {
      if (!isInstalled(root)) await install(root)
    },
  )
}

/** @param {string} root */
const stampPath = (root) => join(root, 'node_modules', '.proactive-lock-hash')

/**
 * The state of node_modules that package-lock.json asks for on this kind of machine.
 * @param {string} lockText
 */
function expectedStamp(lockText) {
  return `${createHash('sha256').update(lockText).digest('hex')} ${process.platform}-${process.arch}\n`
}

/** @param {string} root */
function isInstalled(root) {
  const lockText = readFileSync(join(root, 'package-lock.json'), 'utf8')
  const expected = expectedStamp(lockText)
  if (readText(stampPath(root)) === expected) return true
  const installedText = readText(join(root, 'node_modules', '.package-lock.json'))
  if (installedText === undefined || !isSameTree(lockText, installedText)) return false
  try {
    writeFileSync(stampPath(root), expected)
  } catch {
    // A tree that somebody else owns stays usable; it is only compared again next time.
  }
  return true
}

/**
 * Tells whether the tree npm left behind is the one the lock file names, so that an `npm ci` or `npm install`
 * done by hand is not repeated. Packages for other platforms may be missing.
 * @param {string} lockText package-lock.json
 * @param {string} installedText node_modules/.package-lock.json, which npm writes last
 */
export function isSameTree(lockText, installedText) {
  /** @typedef {{ version?: string, integrity?: string, optional?: boolean, os?: string[], cpu?: string[] }} Entry */
  /** @type {Map<string, Entry>} */
  const wanted = new Map(Object.entries(JSON.parse(lockText).packages ?? {}))
  /** @type {Map<string, Entry>} */
  const installed = new Map(Object.entries(JSON.parse(installedText).packages ?? {}))
  for (const [path, entry] of installed) {
    const other = wanted.get(path)
    if (other?.version !== entry.version || other?.integrity !== entry.integrity) return false
  }
  for (const [path, entry] of wanted) {
    if (path !== '' && !installed.has(path) && entry.optional !== true) return false
  }
  return wanted.size > 1
}

/** @param {string} path */
function readText(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** @param {string} root */
async function install(root) {
  const startedAtMs = Date.now()
  process.stderr.write('installing packages (npm ci) … ')
  const { code, output } = await runNpm(root)
  if (code !== 0) {
    process.stderr.write('failed\n')
    const lines = output.trimEnd().split('\n').slice(-MAX_ERROR_LINES).join('\n')
    throw new InstallError(
      `${lines}\nThe packages could not be installed; to try again, run: npm ci --include=dev --include=optional`,
    )
  }
  process.stderr.write(`${((Date.now() - startedAtMs) / 1000).toFixed(1)} s\n`)
  const lockText = readFileSync(join(root, 'package-lock.json'), 'utf8')
  writeFileSync(stampPath(root), expectedStamp(lockText))
}

/**
 * @param {string} root
 * @returns {Promise<{ code: number, output: string }>}
 */
function runNpm(root) {
  // Under `npm run` the running npm names itself, which also works where npm is not on PATH.
  const npmScript = process.env.npm_execpath?.endsWith('.js') ? process.env.npm_execpath : undefined
  const [file, args] = npmScript ? [process.execPath, [npmScript, ...NPM_ARGS]] : ['npm', NPM_ARGS]
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: INSTALL_DEADLINE_MS,
    })
    let output = ''
    // An installer that outlives us would meet the next one in the same folder.
    const stop = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal)
    for (const signal of ENDING_SIGNALS) process.on(signal, stop)
    const collect = (/** @type {Buffer} */ chunk) => {
      output = (output + chunk.toString()).slice(-65_536)
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.on('error', (error) => resolve({ code: 127, output: `npm could not be started: ${error.message}` }))
    child.on('close', (code, signal) => {
      for (const name of ENDING_SIGNALS) process.off(name, stop)
      const late =
        signal === 'SIGTERM' ? `\nnpm was stopped after ${INSTALL_DEADLINE_MS / 60_000} minutes` : ''
      resolve({ code: code ?? 1, output: output + late })
    })
  })
}
