import {
  type CloudConnection,
  type CloudLink,
  CloudLinkError,
  type Stop,
} from '../../agent/src/ports/index.ts'
import { addresses } from '../lab/topology.ts'
import type { CloudDoor } from './appliance.ts'
import { type CuttableLine, startCuttableLine } from './cuttable-line.ts'
import type { VirtualLocation } from './virtual-location.ts'
import { createVirtualPaths, goodLinks } from './virtual-paths.ts'
import { createRandom } from './random.ts'

type Way = 'primary' | 'backup'

/** The way from the simulated appliance to a real cloud on this machine: one line per way out, cut when the Location's faults cut it. */
export interface LineDoor extends CloudDoor {
  stop(): Promise<void>
}

/** Starts the lines. `openLink` makes the real link over a line's port. */
export async function startLineDoor(options: {
  readonly location: VirtualLocation
  readonly mqttPort: number
  readonly openLink: (port: () => number) => CloudLink
}): Promise<LineDoor> {
  const { location } = options
  const paths = createVirtualPaths({ location, quality: goodLinks, random: createRandom('lines') })
  const isUp = (way: Way) =>
    location.node('appliance')?.isOn === true &&
    paths.to(addresses.cloud, way === 'backup' ? addresses.applianceBackup : addresses.appliance) !==
      undefined
  const lines = new Map<Way, CuttableLine>()
  for (const way of ['primary', 'backup'] as const) {
    lines.set(way, await startCuttableLine({ targetPort: options.mqttPort, isUp: isUp(way) }))
  }
  const settle = () => {
    for (const [way, line] of lines) line.setUp(isUp(way))
  }
  const stopListening = location.listen({ onLinks: settle })
  const links = new Map(
    [...lines].map(([way, line]): [Way, CloudLink] => [way, options.openLink(() => line.port)]),
  )
  const living = new Set<CloudConnection>()

  return {
    link: (machine) => ({
      async open({ route, will, timeoutMs, events }) {
        const way = route.localAddress === addresses.applianceBackup ? 'backup' : 'primary'
        const link = links.get(way)
        if (link === undefined || !paths.hasRoute(addresses.cloud, route.localAddress))
          throw new CloudLinkError('no way to the cloud')
        let stopWatching: Stop | undefined
        const connection = await link.open({
          // The line stands for the address; names are the simulated resolver's business.
          route: { uplinkId: route.uplinkId, resolvers: [] },
          will,
          timeoutMs,
          events: {
            onMessage: (kind, payload) => {
              if (machine.isAlive) events.onMessage(kind, payload)
            },
            onClosed: (reason) => {
              stopWatching?.()
              living.delete(connection)
              if (machine.isAlive) events.onClosed(reason)
            },
          },
        })
        living.add(connection)
        stopWatching = machine.onEnd(() => {
          // Without power the line is dead first: nobody hears a goodbye.
          settle()
          connection.cut()
        })
        return connection
      },
    }),
    // A killed process's sockets are closed by the end of its life.
    processDied: () => undefined,
    async stop() {
      stopListening()
      for (const connection of living) connection.cut()
      await Promise.all([...lines.values()].map((line) => line.stop()))
    },
  }
}
