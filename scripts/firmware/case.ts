import type { Toolbox } from '../../firmware-image/src/archive/toolbox.ts'
import type { BuiltImage } from '../../firmware-image/src/build.ts'
import type { Meter } from '../../firmware-image/src/machine/machine.ts'
import type { BusyboxKit } from '../../firmware-image/src/machine/test-kit.ts'

export const imageNames = ['amd64', 'amd64Again', 'amd64Next', 'arm64'] as const
/** `Again`: built anew from the same inputs. `Next`: the next version of the same board. */
export type ImageName = (typeof imageNames)[number]
export type Images = Readonly<Partial<Record<ImageName, BuiltImage>>>

/** Everything the cases share; built with the network on, before they run without one. */
export interface Bench {
  readonly tools: Toolbox
  readonly busybox: BusyboxKit
  /** A folder of this run, removed afterwards. */
  readonly folder: string
  readonly images: Images
  /** What this case's machines cost. */
  readonly meter: Meter
}

/** One thing the image promises, shown. */
export interface FirmwareCase {
  readonly name: string
  readonly needs: readonly ImageName[]
  /** Measures time: nothing else of the matrix runs beside it. */
  readonly isAlone?: boolean
  /** @returns what was seen, in words with figures. @throws Error when the promise does not hold */
  run(bench: Bench): Promise<string>
}

/** @throws Error with the sentence */
export function expectThat(isTrue: boolean, sentence: string): asserts isTrue {
  if (!isTrue) throw new Error(sentence)
}

export function imageOf({ images }: Bench, name: ImageName): BuiltImage {
  const image = images[name]
  if (image === undefined) throw new Error(`the image ${name} was not built for this case`)
  return image
}

/** Asks again and again until there is an answer. @throws Error after `timeoutMs` */
export async function poll<T>(
  what: string,
  timeoutMs: number,
  ask: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (performance.now() > deadline) throw new Error(`${what} did not come within ${timeoutMs / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

export const seconds = (sinceMs: number): string => `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`
