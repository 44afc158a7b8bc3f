import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'

/** The oldest Node that runs the project's TypeScript as it is. */
const MIN_MAJOR = 24

/**
 * The Node that runs the project: the one its lock file pins, else the running one when it is new enough.
 * @param {string} root
 * @returns {string | undefined} path of the executable; undefined when this machine has neither
 */
export function findNode(root) {
  const pinned = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node')
  try {
    accessSync(pinned, constants.X_OK)
    return pinned
  } catch {
    return Number(process.versions.node.split('.')[0]) >= MIN_MAJOR ? process.execPath : undefined
  }
}

/** What to do about a machine without one. */
export function missingNodeSentence() {
  return (
    `Proactive runs on Node ${MIN_MAJOR} or newer; it brings its own for Linux on x64 and arm64, but not for ` +
    `${process.platform} on ${process.arch}, and this is Node ${process.versions.node}: ` +
    `install Node ${MIN_MAJOR} from https://nodejs.org and run the same command again.`
  )
}
