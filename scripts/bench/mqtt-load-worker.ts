import { parentPort, workerData } from 'node:worker_threads'
import type { LoadReply, LoadRequest, LoadWorkerData } from './mqtt-load.ts'
import { connectPublisher, type Publisher } from './mqtt-publisher.ts'

/** The thread that plays the appliances, so that the load does not run in the measured thread. */
const { port, identities, connectAtOnce } = workerData as LoadWorkerData
const publishers: Publisher[] = []
const reply = (message: LoadReply) => parentPort?.postMessage(message)
const text = (error: unknown) => (error instanceof Error ? error.message : String(error))

async function connectAll(): Promise<void> {
  for (let at = 0; at < identities.length; at += connectAtOnce) {
    const some = identities.slice(at, at + connectAtOnce)
    publishers.push(...(await Promise.all(some.map((identity) => connectPublisher(port, identity)))))
  }
}

async function publishAll({
  kind,
  payloads,
  window,
}: Extract<LoadRequest, { op: 'publish' }>): Promise<LoadReply> {
  const waits: number[] = []
  const startedAt = performance.now()
  const cpuBefore = process.threadCpuUsage()
  await Promise.all(
    publishers.map((publisher, index) =>
      publisher.publish(kind, payloads[index % payloads.length] ?? [], window, (waitMs) =>
        waits.push(waitMs),
      ),
    ),
  )
  const seconds = (performance.now() - startedAt) / 1_000
  const cpu = process.threadCpuUsage(cpuBefore)
  waits.sort((a, b) => a - b)
  const rank = (ratio: number) => waits[Math.ceil(waits.length * ratio) - 1] ?? 0
  return {
    op: 'published',
    messages: waits.length,
    seconds,
    ackP50Ms: rank(0.5),
    ackP99Ms: rank(0.99),
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
  }
}

parentPort?.on('message', (request: LoadRequest) => {
  if (request.op === 'close') {
    for (const publisher of publishers) publisher.close()
    parentPort?.close()
    return
  }
  publishAll(request).then(reply, (error: unknown) => reply({ op: 'failed', reason: text(error) }))
})
connectAll().then(
  () => reply({ op: 'connected' }),
  (error: unknown) => reply({ op: 'failed', reason: text(error) }),
)
