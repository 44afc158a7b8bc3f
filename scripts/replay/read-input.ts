import { parseRecording, type Recording } from './recording.ts'
import { parseTimeline } from './timeline.ts'

/** Reads either form: a recording (`{directory}`, then `{atMs, topic, payload}` a line), or a dump of the log (`{nowMs, origin, event}` a line). @throws UsageError. */
export function readInput(file: string): Recording {
  const text = file.replace(/^\uFEFF/, '')
  const [firstLine = ''] = text.trimStart().split('\n', 1)
  if (!isLogLine(firstLine)) return parseRecording(text)
  return { entries: parseTimeline(text), directory: { routing: [], products: new Map() } }
}

/** A dump of the log tells in its first line already when it was stamped; everything else should be a recording. */
function isLogLine(text: string): boolean {
  return /^\s*\{.*"nowMs"\s*:/.test(text)
}
