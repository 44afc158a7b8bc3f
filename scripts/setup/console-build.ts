import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { withFileLock } from '../bootstrap/file-lock.mjs'
import { runProgram } from '../process/run-program.ts'
import type { StepRunner } from '../progress/steps.ts'
import { projectRoot } from './project-root.ts'

const BUILD_DEADLINE_MS = 180_000
/** What the page is made of; a change in any of them asks for a new build. */
const inputs = [
  'console/*.{ts,js,json,html}',
  'console/{src,public}/**',
  'docs/runbooks/*.md',
  'shared/src/**',
  'package-lock.json',
]
const consoleFolder = join(projectRoot, 'console')
const dist = join(consoleFolder, 'dist')
const stampPath = join(dist, '.input-hash')

/** The page could not be built; `message` is the builder's output. */
export class ConsoleBuildError extends Error {}

/**
 * Builds the console into console/dist unless that is already the build of these sources.
 * @returns false where this checkout has no console
 * @throws ConsoleBuildError
 */
export async function ensureConsole(step: StepRunner): Promise<boolean> {
  if (!existsSync(join(consoleFolder, 'vite.config.ts'))) return false
  if (await isBuilt()) return true
  await withFileLock(
    join(projectRoot, '.proactive', 'console.lock'),
    { timeoutMs: BUILD_DEADLINE_MS },
    async () => {
      if (!(await isBuilt())) await step('building the console', build)
    },
  )
  return true
}

async function isBuilt(): Promise<boolean> {
  return (await readFile(stampPath, 'utf8').catch(() => '')) === inputHash()
}

function inputHash(): string {
  const hash = createHash('sha256')
  const files = globSync(inputs, { cwd: projectRoot, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
  for (const file of files.sort()) hash.update(`${file}\0`).update(readFileSync(file)).update('\0')
  return hash.digest('hex')
}

/** Builds beside and swaps, so that a page is never served half built. */
async function build(): Promise<void> {
  const hash = inputHash()
  const draft = join(projectRoot, '.proactive', `console-${process.pid}`)
  await mkdir(draft, { recursive: true })
  try {
    const vite = join(projectRoot, 'node_modules', 'vite', 'bin', 'vite.js')
    const args = [vite, 'build', '--logLevel', 'warn', '--emptyOutDir', '--outDir', draft]
    const result = await runProgram(process.execPath, args, {
      cwd: consoleFolder,
      timeoutMs: BUILD_DEADLINE_MS,
    })
    if (result.code !== 0) throw new ConsoleBuildError(`${result.stdout}${result.stderr}`.trim())
    await writeFile(join(draft, '.input-hash'), hash)
    await rm(dist, { recursive: true, force: true })
    await rename(draft, dist)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}
