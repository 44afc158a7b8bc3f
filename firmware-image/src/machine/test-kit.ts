import { existsSync, readFileSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { StepRunner } from '../../../scripts/progress/steps.ts'
import { openSuite } from '../archive/suite.ts'
import { ensureToolbox, findToolbox, firmwareCache, type Toolbox } from '../archive/toolbox.ts'
import { runTool } from '../root/tool.ts'

/** Kernel and busybox of the test disk: the small kernel that is made for virtual machines. */
const busyboxKitSchema = z.strictObject({
  kernel: z.string(),
  kernelVersion: z.string(),
  modulesFolder: z.string(),
  busybox: z.string(),
})
export type BusyboxKit = z.infer<typeof busyboxKitSchema>

/** What the quick tests of the image need: the tools, and the test disk's kernel. */
export interface TestKit {
  readonly tools: Toolbox
  readonly busybox: BusyboxKit
}

/** How a person gets what is missing here. */
export const testKitCommand = 'npm run setup -- --tests'

const kitFile = (env: NodeJS.ProcessEnv): string => join(firmwareCache(env), 'busybox-kit.json')

/** The kit where it was fetched before; needs no network. */
export function findTestKit(env: NodeJS.ProcessEnv): TestKit | undefined {
  const tools = findToolbox(env)
  if (tools === undefined) return undefined
  try {
    const busybox = busyboxKitSchema.parse(JSON.parse(readFileSync(kitFile(env), 'utf8')))
    return existsSync(busybox.kernel) && existsSync(busybox.busybox) ? { tools, busybox } : undefined
  } catch {
    return undefined
  }
}

/** Fetches what is not there yet: about 95 MB, nothing is installed. @throws AptError, NoMirrorError */
export async function ensureTestKit(env: NodeJS.ProcessEnv, step: StepRunner): Promise<TestKit> {
  const found = findTestKit(env)
  if (found !== undefined) return found
  const tools = await ensureToolbox(env, step)
  const archive = await openSuite(firmwareCache(env), 'arm64', env)
  const isWanted = (name: string) => /^linux-image-[\d.]|^busybox-static$/.test(name)
  const packages = await archive.fetch(['linux-image-cloud-arm64', 'busybox-static'], step, isWanted)
  const folderOf = (prefix: string) => packages.find(({ name }) => name.startsWith(prefix))?.folder ?? ''
  const kernelFolder = folderOf('linux-image-')
  const [kernelVersion] = await readdir(join(kernelFolder, 'usr/lib/modules'))
  if (kernelVersion === undefined) throw new Error('the kernel package has no modules')
  await runTool('depmod', ['-b', join(kernelFolder, 'usr'), kernelVersion], { env: tools.env })
  const busybox: BusyboxKit = {
    kernel: join(kernelFolder, 'boot', `vmlinuz-${kernelVersion}`),
    kernelVersion,
    modulesFolder: join(kernelFolder, 'usr/lib/modules', kernelVersion),
    busybox: join(folderOf('busybox-static'), 'usr/bin/busybox'),
  }
  await mkdir(firmwareCache(env), { recursive: true })
  await writeFile(kitFile(env), `${JSON.stringify(busybox, null, 2)}\n`)
  return { tools, busybox }
}
