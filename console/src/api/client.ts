import { type Problem, problemSchema } from '@proactive/shared/http'
import type { z } from 'zod'
import { t } from '../i18n/language.ts'

const timeoutMs = 15_000
const uploadTimeoutMs = 120_000

/** The server's "no", with its sentence for a person; status 0 = it could not be reached. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly problem: Problem | undefined

  constructor(status: number, message: string, problem?: Problem) {
    super(message)
    this.status = status
    this.problem = problem
  }
}

/** Goes back with everything that changes something; set by the session. */
let csrfToken = ''

export function setCsrfToken(token: string): void {
  csrfToken = token
}

/**
 * Asks our own origin and checks the answer against its schema.
 * @throws ApiError
 */
export async function request<T extends z.ZodType>(
  schema: T,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<z.infer<T>> {
  return askJson(schema, path, method, method === 'GET' ? {} : { 'x-csrf-token': csrfToken }, body)
}

/**
 * Asks by a link's token instead of the session: it stands in a header, never in an address.
 * @throws ApiError
 */
export function requestBy<T extends z.ZodType>(
  token: string,
  schema: T,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
): Promise<z.infer<T>> {
  return askJson(schema, path, method, { authorization: `Bearer ${token}` }, body)
}

function askJson<T extends z.ZodType>(
  schema: T,
  path: string,
  method: string,
  who: Readonly<Record<string, string>>,
  body: unknown,
): Promise<z.infer<T>> {
  return ask(schema, path, {
    method,
    signal: AbortSignal.timeout(timeoutMs),
    headers: {
      accept: 'application/json',
      ...who,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

/**
 * Sends a file as it is.
 * @throws ApiError
 */
export function sendBytes<T extends z.ZodType>(schema: T, path: string, bytes: Blob): Promise<z.infer<T>> {
  return ask(schema, path, {
    method: 'POST',
    signal: AbortSignal.timeout(uploadTimeoutMs),
    headers: {
      accept: 'application/json',
      'x-csrf-token': csrfToken,
      'content-type': 'application/octet-stream',
    },
    body: bytes,
  })
}

/**
 * Posts and hands over the answer's bytes as they come.
 * @throws ApiError where there is no such answer
 */
export async function postForStream(
  path: string,
  accept: string,
  body: unknown,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  let response: Response
  try {
    const headers = { accept, 'x-csrf-token': csrfToken, 'content-type': 'application/json' }
    response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body), signal })
  } catch {
    throw unreachable()
  }
  if (response.ok && response.body !== null) return response.body
  throw refusalOf(response.status, parseJson(await response.text().catch(() => '')))
}

async function ask<T extends z.ZodType>(schema: T, path: string, options: RequestInit): Promise<z.infer<T>> {
  let response: Response
  let text: string
  try {
    response = await fetch(path, options)
    text = await response.text()
  } catch {
    throw unreachable()
  }
  const answer = parseJson(text)
  if (!response.ok) throw refusalOf(response.status, answer)
  const parsed = schema.safeParse(answer)
  if (!parsed.success)
    throw new ApiError(response.status, t('The cloud answered in a form this page does not know; reload it.'))
  return parsed.data
}

const unreachable = () =>
  new ApiError(0, t('The cloud cannot be reached. Check your connection; this page tries again by itself.'))

function refusalOf(status: number, answer: unknown): ApiError {
  const problem = problemSchema.safeParse(answer)
  if (!problem.success)
    return new ApiError(status, t('The cloud answered {status}.', { status: String(status) }))
  return new ApiError(status, problem.data.detail ?? problem.data.title, problem.data)
}

function parseJson(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * Reads a text file of our own origin.
 * @throws ApiError
 */
export async function readText(path: string): Promise<string> {
  try {
    const response = await fetch(path, { signal: AbortSignal.timeout(timeoutMs) })
    // A page that is no file of its own answers with the console itself.
    if (response.ok && !(response.headers.get('content-type') ?? '').includes('text/html'))
      return await response.text()
    throw new ApiError(response.status, t('There is no such text here.'))
  } catch (error) {
    if (error instanceof ApiError) throw error
    throw new ApiError(0, t('The cloud cannot be reached. Check your connection and try again.'))
  }
}
