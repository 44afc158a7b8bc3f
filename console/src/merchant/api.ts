import {
  type MerchantPage,
  type MerchantReport,
  merchantPageSchema,
  problemSchema,
} from '@proactive/shared/http'

const timeoutMs = 15_000

/** Why the cloud said no: `link-over` and `too-many-reports` have words of their own; `unreachable` = nobody answered. */
export class MerchantError extends Error {
  override readonly name = 'MerchantError'
  readonly code: string

  constructor(code: string) {
    super(code)
    this.code = code
  }
}

/** What the holder of the link sees now. @throws MerchantError */
export async function readPage(token: string): Promise<MerchantPage> {
  const parsed = merchantPageSchema.safeParse(await ask(token, '/api/merchant'))
  if (!parsed.success) throw new MerchantError('unreachable')
  return parsed.data
}

/** A name that nobody else gives; where there is no TLS, browsers have no `randomUUID`. */
export function newReportId(): string {
  return [...crypto.getRandomValues(new Uint8Array(12))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
}

/** What carries the id of one that was sent before is not said again. @throws MerchantError */
export async function sendReport(token: string, report: MerchantReport): Promise<void> {
  await ask(token, '/api/merchant/reports', report)
}

async function ask(token: string, path: string, body?: MerchantReport): Promise<unknown> {
  let response: Response
  let text: string
  try {
    response = await fetch(path, {
      method: body === undefined ? 'GET' : 'POST',
      signal: AbortSignal.timeout(timeoutMs),
      // The link is all it takes: a log-in that this browser may have has no business here.
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    text = await response.text()
  } catch {
    throw new MerchantError('unreachable')
  }
  const answer = parseJson(text)
  if (response.ok) return answer
  const problem = problemSchema.safeParse(answer)
  throw new MerchantError(problem.success ? problem.data.code : 'unreachable')
}

function parseJson(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
