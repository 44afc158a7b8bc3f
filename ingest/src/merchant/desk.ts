import {
  type DeskReport,
  type DeskStanding,
  deskReportAnswerSchema,
  deskStandingSchema,
  problemSchema,
} from '@proactive/shared/http'
import { request } from 'undici'
import type { z } from 'zod'
import { readCapped } from '../net/read-capped.ts'

const answerTimeoutMs = 5_000
const maxAnswerBytes = 1_024 * 1_024

/** Port: the desk behind the merchant's page. */
export interface MerchantDesk {
  /** @throws Error where the desk does not answer or does not take it. */
  report(report: DeskReport): Promise<{ issueId: string | null; isNew: boolean }>
  /** @throws as {@link report}. */
  standing(scope: Pick<DeskReport, 'locationId' | 'organizationId' | 'linkId'>): Promise<DeskStanding>
}

/** The embedded helpdesk, asked as ingest itself: it decides what the Organization behind the link takes part in. */
export function createMerchantDesk(helpdeskUrl: string, serviceToken: () => string): MerchantDesk {
  async function ask<T extends z.ZodType>(
    schema: T,
    method: 'GET' | 'POST',
    path: string,
    body?: DeskReport,
  ): Promise<z.infer<T>> {
    const answer = await request(new URL(path, helpdeskUrl), {
      method,
      headers: {
        authorization: `Bearer ${serviceToken()}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      headersTimeout: answerTimeoutMs,
      bodyTimeout: answerTimeoutMs,
      signal: AbortSignal.timeout(2 * answerTimeoutMs),
    })
    const json: unknown = JSON.parse((await readCapped(answer.body, maxAnswerBytes)).toString('utf8'))
    if (answer.statusCode === 200) return schema.parse(json)
    const problem = problemSchema.safeParse(json)
    throw new Error(
      `the desk answered ${answer.statusCode}: ${problem.success ? problem.data.detail : 'no reason'}`,
    )
  }
  return {
    report: (report) => ask(deskReportAnswerSchema, 'POST', '/api/reports', report),
    standing: (scope) =>
      ask(deskStandingSchema, 'GET', `/api/reports/standing?${new URLSearchParams(scope).toString()}`),
  }
}
