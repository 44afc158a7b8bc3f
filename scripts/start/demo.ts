import { join } from 'node:path'
import { isLabPossible } from '../../test/lab/lab.ts'
import { startInfluxd } from '../influxd/influxd.ts'
import { printSteps } from '../progress/steps.ts'
import type { ControlAnswer, ControlRequest } from '../stack/control-protocol.ts'
import { startControlServer } from '../stack/control-server.ts'
import type { RunRecord } from '../stack/leftovers.ts'
import { type Stack, startStack } from '../stack/stack.ts'
import type { StartArguments } from './arguments.ts'
import { readyBanner } from './banner.ts'

export interface RunningStart {
  /** Resolves with a sentence when a part ended that nobody asked to end, or when `npm run lab -- down` asked. */
  readonly ended: Promise<string>
  stop(): Promise<void>
}

export interface DemoOptions {
  readonly args: StartArguments
  readonly dataDir: string
  readonly run: RunRecord
  readonly env: NodeJS.ProcessEnv
  readonly hasInflux: boolean
  readonly say: (line: string) => void
  /** Time since the command was typed, for people. */
  readonly elapsed: () => string
}

const inventoryTimeoutMs = 60_000

/** Cloud, InfluxDB and virtual Location; resolves once the Location is inventoried. */
export async function startDemo(options: DemoOptions): Promise<RunningStart> {
  const { args, dataDir, say, run } = options
  const simulatedBecause = await whySimulated(options.env)
  const env = withoutFleetSettings(options.env)
  if (simulatedBecause !== undefined) say(`The Location is a simulated LAN here: ${simulatedBecause}.`)
  const stops: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const end of stops.splice(0).toReversed()) await end()
    run.forget()
  }
  try {
    const influx = options.hasInflux
      ? await printSteps('starting InfluxDB', () => startInfluxd({ dataDir: join(dataDir, 'influxd'), env }))
      : undefined
    if (influx !== undefined) {
      run.add('influxd', influx.pid)
      stops.push(influx.stop)
    }
    const isAnyPort = args.port === 0
    const stack = await startStack({
      dataDir,
      hasBackupUplink: args.hasBackupUplink,
      ports: {
        web: args.port,
        mqtt: isAnyPort ? 0 : 8883,
        enroll: isAnyPort ? 0 : 8443,
        helpdesk: isAnyPort ? 0 : 8090,
      },
      influxUrl: influx?.url,
      env,
      isSimulated: simulatedBecause !== undefined,
      step: printSteps,
      onSpawned: run.add,
    })
    stops.push(stack.stop)
    const { cloud } = stack
    run.setUrl(cloud.webUrl)
    const down = Promise.withResolvers<string>()
    const control = await startControlServer(dataDir, (request) =>
      handle(stack, request, () => down.resolve('asked to end (npm run lab -- down)')),
    )
    stops.push(control.stop)
    await printSteps('taking the first inventory', () => stack.awaitReady(inventoryTimeoutMs))
    say(
      readyBanner({
        url: cloud.webUrl,
        seconds: options.elapsed(),
        demo: stack.demo,
        store:
          influx === undefined
            ? 'the embedded SQLite store (no InfluxDB could be had here)'
            : `InfluxDB at ${influx.url}`,
        hasBackupUplink: args.hasBackupUplink,
        isSimulated: simulatedBecause !== undefined,
        logDir: join(dataDir, 'logs'),
      }),
    )
    return {
      ended: Promise.race([
        down.promise,
        cloud.ingest.exited.then(() => 'ingest ended by itself'),
        cloud.helpdesk.exited.then(() => 'the helpdesk ended by itself'),
        stack.site.lab.ended.then(() => 'the virtual Location ended by itself'),
        ...(influx === undefined ? [] : [influx.ended.then(() => 'InfluxDB ended by itself')]),
      ]),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The demo is the same everywhere: the database, InfluxDB and helpdesk of somebody's real fleet stay out of it. */
function withoutFleetSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('PROACTIVE_')))
}

/** Why the Location cannot run in network namespaces; undefined where it can. */
async function whySimulated(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  if (env.PROACTIVE_SIMULATED_LAN === '1') return 'PROACTIVE_SIMULATED_LAN=1 asks for it'
  const possible = await isLabPossible(env.PATH)
  return possible.possible ? undefined : possible.reason
}

async function handle(stack: Stack, request: ControlRequest, down: () => void): Promise<ControlAnswer> {
  if (request.action === 'status') return { kind: 'done', report: await stack.site.lab.status() }
  if (request.action === 'down') {
    down()
    return { kind: 'done', report: null }
  }
  const ask = request.action === 'fault' ? stack.fault : stack.heal
  return ask(request.words, request.isWaiting)
}
