import { createHash } from 'node:crypto'
import { existsSync, globSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { build, type Plugin } from 'esbuild'
import type { Architecture } from '../archive/suite.ts'
import { runTool } from './tool.ts'

const npmArchitecture: Readonly<Record<Architecture, string>> = { amd64: 'x64', arm64: 'arm64' }
const NPM_DEADLINE_MS = 300_000

/** Modules of the agent's packages still call `require` for what Node brings. */
const banner =
  "import { createRequire as $createRequire } from 'node:module'; const require = $createRequire(import.meta.url);"

/**
 * `import { z } from 'zod'` brings all of zod, half of it its messages in fifty languages; as a namespace esbuild sees what of it
 * is used. Two thirds of the box's program were that.
 */
const zodByName: Plugin = {
  name: 'zod-by-name',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (path.includes('/node_modules/')) return undefined
      const text = await readFile(path, 'utf8')
      return {
        contents: text.replace(/^import \{ z \} from 'zod'$/m, "import * as z from 'zod'"),
        loader: 'ts',
      }
    })
  },
}

export interface BundledProgram {
  /** The file that is started, and beside it what it loads when that is first needed. */
  readonly files: readonly string[]
  /** Every source file that went in, below the project's folder. */
  readonly inputs: readonly string[]
}

/**
 * Bundles one of our programs: the appliance has no node_modules. `<name>.mjs` is what is started; what the program imports
 * only when it needs it stays apart (`<name>-<hash>.mjs`), so that a small board reads and compiles no more than it uses.
 */
export async function bundleProgram(
  projectRoot: string,
  entry: string,
  folder: string,
  name: string,
): Promise<BundledProgram> {
  await mkdir(folder, { recursive: true })
  for (const stale of globSync(`${name}{,-*}.mjs`, { cwd: folder })) await rm(join(folder, stale))
  const result = await build({
    absWorkingDir: projectRoot,
    entryPoints: { [name]: entry },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    chunkNames: `${name}-[hash]`,
    splitting: true,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    banner: { js: banner },
    legalComments: 'none',
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: 'silent',
    metafile: true,
    plugins: [zodByName],
  })
  const files = Object.keys(result.metafile.outputs).map((path) => resolve(projectRoot, path))
  return { files: files.sort(), inputs: Object.keys(result.metafile.inputs) }
}

/**
 * The Node of package-lock.json for one processor. npm installs only this machine's own; another one is fetched by npm and
 * held to the lock file's checksum.
 * @returns path of the executable, in the cache
 */
export async function fetchNode(
  projectRoot: string,
  cache: string,
  architecture: Architecture,
): Promise<{ path: string; version: string }> {
  const name = `node-linux-${npmArchitecture[architecture]}`
  const { version, integrity } = await lockedPackage(projectRoot, name)
  const installed = join(projectRoot, 'node_modules', name, 'bin/node')
  if (existsSync(installed)) return { path: installed, version }
  const path = join(cache, 'node', `${name}-${version}`, 'node')
  if (existsSync(path)) return { path, version }
  await mkdir(cache, { recursive: true })
  const work = await mkdtemp(join(cache, '.node-'))
  try {
    await runTool('npm', ['pack', `${name}@${version}`, '--silent', '--pack-destination', work], {
      env: process.env,
      cwd: work,
      timeoutMs: NPM_DEADLINE_MS,
    })
    const [archive] = await readdir(work)
    if (archive === undefined) throw new Error(`npm brought no ${name}`)
    checkIntegrity(await readFile(join(work, archive)), integrity, name)
    await runTool('tar', ['-xzf', archive, 'package/bin/node'], { env: process.env, cwd: work })
    await mkdir(dirname(path), { recursive: true })
    await copyFile(join(work, 'package/bin/node'), `${path}.new`)
    await rename(`${path}.new`, path)
    return { path, version }
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function lockedPackage(
  projectRoot: string,
  name: string,
): Promise<{ version: string; integrity: string }> {
  const lock = JSON.parse(await readFile(join(projectRoot, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version?: string; integrity?: string } | undefined>
  }
  const { version, integrity } = lock.packages[`node_modules/${name}`] ?? {}
  if (version === undefined || integrity === undefined) throw new Error(`package-lock.json names no ${name}`)
  return { version, integrity }
}

/** Subresource Integrity, as npm writes it: `sha512-<base64>`. */
function checkIntegrity(bytes: Buffer, integrity: string, name: string): void {
  const [algorithm = 'sha512', expected = ''] = integrity.split('-', 2)
  const found = createHash(algorithm).update(bytes).digest('base64')
  if (found !== expected) throw new Error(`${name} from npm is not the one that package-lock.json names`)
}
