import { ProblemError } from './problem.ts'

/** An Issue's version as an entity tag (RFC 9110 §8.8.3). */
export function etagOf(version: number): string {
  return `"${version}"`
}

/** `If-Match` (RFC 9110 §13.1.1): absent or `*` = whatever it is now. @throws ProblemError 412 where the Issue went on meanwhile. */
export function requireMatch(ifMatch: string | undefined, version: number): void {
  if (ifMatch === undefined || ifMatch.trim() === '*') return
  const tags = ifMatch.split(',').map((tag) => tag.trim())
  if (tags.includes(etagOf(version))) return
  throw new ProblemError(412, 'version-mismatch', 'The Issue changed meanwhile; fetch it again.')
}
