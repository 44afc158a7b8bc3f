import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:https'
import { createInterface } from 'node:readline'
import { text as readText } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import {
  type ClaimBundle,
  claimBundleSchema,
  type EnrollAnswer,
  enrollAnswerSchema,
} from '@proactive/shared/http'
import { createRequest } from './certificate-request.ts'

const mainFile = fileURLToPath(new URL('../../ingest/src/main.ts', import.meta.url))

/** The ingest as its own process. */
export interface IngestProcess {
  readonly web: string
  readonly mqtt: string
  readonly enroll: string
  kill(signal: NodeJS.Signals): Promise<void>
}

/** Runs a command of the program to its end and gives its first line of output. */
export async function ingestCommand(env: NodeJS.ProcessEnv, ...args: string[]): Promise<string> {
  const child = spawn(process.execPath, [mainFile, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: string[] = []
  for await (const line of createInterface({ input: child.stdout })) lines.push(line)
  return lines[0] ?? ''
}

/** Starts `run` and waits for its listening line. */
export async function startIngestProcess(env: NodeJS.ProcessEnv): Promise<IngestProcess> {
  const stderr = process.env.PROACTIVE_TEST_LOG === undefined ? 'ignore' : 'inherit'
  const child: ChildProcess = spawn(process.execPath, [mainFile, 'run'], {
    env,
    stdio: ['ignore', 'pipe', stderr],
  })
  const exited = once(child, 'exit')
  if (child.stdout === null) throw new Error('the ingest has no output')
  const line = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line').then(([text]) => String(text)),
    exited.then(([code]) => Promise.reject(new Error(`the ingest ended with ${code}`))),
  ])
  const { web, mqtt, enroll } = JSON.parse(line)
  return {
    web,
    mqtt,
    enroll,
    async kill(signal) {
      child.kill(signal)
      await exited
    },
  }
}

/** A person's browser: logs in and speaks JSON. */
export async function logInAt(web: string, email: string, password: string) {
  const response = await fetch(`${web}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  })
  const { csrfToken } = (await response.json()) as { csrfToken: string }
  const cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ')
  return async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await fetch(`${web}${path}`, {
      method,
      headers: {
        cookie,
        'x-csrf-token': csrfToken,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return answer.json()
  }
}

/** What an appliance does with a claim bundle: makes a key, enrols, keeps what it got. The server is not looked at here. */
export async function enrollWith(bundleText: string): Promise<EnrollAnswer & { readonly keyPem: string }> {
  const bundle: ClaimBundle = claimBundleSchema.parse(
    JSON.parse(Buffer.from(bundleText, 'base64url').toString()),
  )
  const { csrPem, keyPem } = await createRequest()
  const body = JSON.stringify({ token: bundle.token, csrPem })
  const text = await new Promise<string>((resolve, reject) => {
    const sent = request(
      `${bundle.url}/enroll`,
      { method: 'POST', rejectUnauthorized: false, agent: false },
      (response) => void readText(response).then(resolve, reject),
    )
    sent.on('error', reject)
    sent.end(body)
  })
  return { ...enrollAnswerSchema.parse(JSON.parse(text)), keyPem }
}
