import type { PipelineOutput } from './ports.ts'

const version = 1

/** An effect as it lies in the log's outputs: versioned JSON. */
export function encodeEffect(effect: PipelineOutput): Uint8Array {
  return Buffer.from(JSON.stringify({ v: version, effect }))
}

/** The effect behind bytes that {@link encodeEffect} made. @throws Error where they are of another version. */
export function decodeEffect(bytes: Uint8Array): PipelineOutput {
  const { v, effect } = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString())
  if (v !== version) throw new Error(`an output of version ${v}, this program knows ${version}`)
  return effect
}
