import { z } from 'zod'
import { topicTokenPattern } from '../topics.ts'

/** A short human or device text: capped before anything else looks at it, control characters refused (they are attackers' ink in terminals and logs). */
export const shortText = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\p{Cc}\u2028\u2029]*$/u, 'control characters are not allowed')

/** Longer text of people, with line breaks and tabs; other control characters are refused. */
export const longText = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^(?:\P{Cc}|[\t\n\r])*$/u, 'control characters are not allowed')

/** An id that can stand in a topic, a URL path and a NATS subject. */
export const topicToken = z
  .string()
  .regex(topicTokenPattern, 'use A-Z a-z 0-9 _ - only, at most 64 characters')

/** A count or an offset that JSON carries exactly. */
export const counter = z.int().min(0).max(Number.MAX_SAFE_INTEGER)

/** Milliseconds since the Unix epoch, years 1970–2100; what lies outside is a broken clock. */
export const epochMs = z.int().min(0).max(4_102_444_800_000)

/** Makes foreign text fit for {@link shortText}: control characters become spaces, the rest is cut to `max`. */
export function toShortText(text: string, max: number): string {
  return text
    .slice(0, max * 4)
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim()
    .slice(0, max)
}
