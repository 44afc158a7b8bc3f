import { join } from 'node:path'
import { startInfluxd } from '../influxd/influxd.ts'
import { printSteps } from '../progress/steps.ts'
import { startCloud } from '../stack/cloud.ts'
import type { RunRecord } from '../stack/leftovers.ts'
import type { StartArguments } from './arguments.ts'
import type { RunningStart } from './demo.ts'

/** Ingest, helpdesk and InfluxDB for real appliances; binds loopback unless `PROACTIVE_BIND` says otherwise. */
export async function startCloudOnly(options: {
  readonly args: StartArguments
  readonly dataDir: string
  readonly run: RunRecord
  readonly env: NodeJS.ProcessEnv
  readonly hasInflux: boolean
  readonly say: (line: string) => void
}): Promise<RunningStart> {
  const { args, dataDir, env, say, run } = options
  // Its own folder: a fleet's directory must not mix with the demo's.
  const fleetDir = join(dataDir, 'fleet')
  // Who names an InfluxDB of their own gets no other one.
  const isInfluxOurs = options.hasInflux && !env.PROACTIVE_INFLUX_URL
  const influx = isInfluxOurs
    ? await printSteps('starting InfluxDB', () => startInfluxd({ dataDir: join(fleetDir, 'influxd'), env }))
    : undefined
  if (influx !== undefined) run.add('influxd', influx.pid)
  const cloud = await printSteps('starting ingest and helpdesk', () =>
    startCloud({
      dataDir: fleetDir,
      logDir: join(fleetDir, 'logs'),
      webPort: args.port,
      mqttPort: 8883,
      enrollPort: 8443,
      helpdeskPort: 8090,
      influxUrl: influx?.url,
      profile: 'production',
      hasDemo: false,
      hasBackupUplink: false,
      env,
      onSpawned: run.add,
    }),
  ).catch(async (error: unknown) => {
    await influx?.stop()
    throw error
  })
  run.setUrl(cloud.webUrl)
  const setUp = cloud.ingest.announcements.get('set-up')
  say(`\nready: ${cloud.webUrl}  (MQTT over TLS on ${cloud.mqttPort}, enrolment on ${cloud.enrollPort})`)
  if (setUp !== undefined)
    say(`Make the first admin at ${setUp.get('url')} with this one-time token: ${setUp.get('token')}`)
  say('docs/real-lan.md says how an appliance gets here. Ctrl-C ends everything.')
  return {
    ended: Promise.race([
      cloud.ingest.exited.then(() => 'ingest ended by itself'),
      cloud.helpdesk.exited.then(() => 'the helpdesk ended by itself'),
      ...(influx === undefined ? [] : [influx.ended.then(() => 'InfluxDB ended by itself')]),
    ]),
    stop: async () => {
      await cloud.stop()
      await influx?.stop()
      run.forget()
    },
  }
}
