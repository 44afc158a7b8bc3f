import { type DebianTools, ensureDebianTools, type ToolName } from '../debian/index.ts'
import type { StepRunner } from '../progress/steps.ts'
import { ensureConsole } from './console-build.ts'

export interface SetUp {
  readonly tools: DebianTools
  /** Whether console/dist holds the page. */
  readonly hasConsole: boolean
}

export interface SetUpOptions {
  readonly tools: readonly ToolName[]
  /** Prints a line for each step that takes time; silent when all is there. */
  readonly step: StepRunner
  /** Asks again for tools that could not be had a moment ago. */
  readonly retryMissing?: boolean
}

/**
 * Brings what the commands need and this checkout lacks: programs and the console's page. Cheap when all is there.
 * @throws ConsoleBuildError when the page cannot be built
 */
export async function setUp({ tools, step, retryMissing = false }: SetUpOptions): Promise<SetUp> {
  return {
    tools: await ensureDebianTools(tools, { onProgress: step, retryMissing }),
    hasConsole: await ensureConsole(step),
  }
}
