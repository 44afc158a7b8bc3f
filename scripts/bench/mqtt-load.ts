import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { UpKind } from '@proactive/shared'
import type { PublisherIdentity } from './mqtt-publisher.ts'

export interface LoadWorkerData {
  readonly port: number
  readonly identities: readonly PublisherIdentity[]
  readonly connectAtOnce: number
}

export type LoadRequest =
  | {
      readonly op: 'publish'
      readonly kind: UpKind
      /** What each appliance publishes, in order; fewer lists than appliances are used again from the first. */
      readonly payloads: readonly (readonly Uint8Array[])[]
      readonly window: number
    }
  | { readonly op: 'close' }

export type LoadReply =
  | { readonly op: 'connected' }
  | {
      readonly op: 'published'
      readonly messages: number
      readonly seconds: number
      readonly ackP50Ms: number
      readonly ackP99Ms: number
      /** Processor time of the appliances' thread. */
      readonly cpuSeconds: number
    }
  | { readonly op: 'failed'; readonly reason: string }

/** Appliances that publish as fast as they are acknowledged, in a thread of their own. */
export interface MqttLoad {
  /** @throws Error when a connection breaks. */
  publish(
    kind: UpKind,
    payloads: readonly (readonly Uint8Array[])[],
    window: number,
  ): Promise<Extract<LoadReply, { op: 'published' }>>
  stop(): Promise<void>
}

const connectAtOnce = 20

/** Connects all appliances. @throws Error when one is refused. */
export async function startMqttLoad(
  port: number,
  identities: readonly PublisherIdentity[],
): Promise<MqttLoad> {
  const worker = new Worker(new URL('./mqtt-load-worker.ts', import.meta.url), {
    workerData: { port, identities, connectAtOnce } satisfies LoadWorkerData,
  })
  const next = async (): Promise<LoadReply> => {
    const [reply] = (await once(worker, 'message')) as [LoadReply]
    if (reply.op === 'failed') throw new Error(`the load generator failed: ${reply.reason}`)
    return reply
  }
  const ask = async (request: LoadRequest): Promise<LoadReply> => {
    const reply = next()
    worker.postMessage(request)
    return reply
  }
  await next()
  return {
    async publish(kind, payloads, window) {
      const reply = await ask({ op: 'publish', kind, payloads, window })
      if (reply.op !== 'published') throw new Error(`the load generator answered ${reply.op}`)
      return reply
    },
    async stop() {
      worker.postMessage({ op: 'close' } satisfies LoadRequest)
      await worker.terminate()
    },
  }
}
