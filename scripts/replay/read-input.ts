import { isRecording, parseRecording, type Recording } from './recording.ts'
import { parseTimeline } from './timeline.ts'

/** Reads either form: a recording (`{directory}`, then `{atMs, topic, payload}` a line), or a dump of the log (`{nowMs, origin, event}` a line). @throws UsageError. */
export function readInput(text: string): Recording {
  const [firstLine = ''] = text.trimStart().split('\n', 1)
  if (isRecording(firstLine)) return parseRecording(text)
  return { entries: parseTimeline(text), directory: { routing: [], products: new Map() } }
}
