import type { Duplex } from 'node:stream'
import type { FrameGuard, FrameViolation } from './frame-guard.ts'

/**
 * Puts the guard before whoever reads the socket: bytes are looked at as they are taken out, so the broker's parser never sees a violation.
 * What waits unread is bounded by the stream's own high-water mark. On a violation the socket is destroyed and reads as empty.
 */
export function guardSocket(
  socket: Duplex,
  guard: FrameGuard,
  onViolation: (reason: FrameViolation) => void,
): void {
  const read = socket.read.bind(socket)
  socket.read = (size?: number) => {
    const chunk: Buffer | null = read(size)
    if (chunk === null) return null
    const violation = guard.accept(chunk)
    if (violation === undefined) return chunk
    onViolation(violation)
    socket.destroy()
    return null
  }
}
