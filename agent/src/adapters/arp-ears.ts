import type { ArpHeard, ArpListener, Log, Stop } from '../ports/index.ts'
import { startChild } from './child-lines.ts'
import { hasProgram } from './fping.ts'

/**
 * Broadcasts of others, ARP and nothing else, held against the filter inside the kernel; not promiscuous (`-p`), never more than the first 64 bytes, no names
 * looked up. What comes within a moment is handed over together: with `--immediate-mode` it would wake ten times a second for nothing.
 */
const listenOnly = [
  ...['-p', '-n', '-e', '-t', '-l', '-Q', 'in', '-s', '64', '-B', '128'],
  'arp and ether broadcast',
]
/** As root it would change to a user of its own that need not exist; as anybody else it keeps its one capability. */
const stayRoot = ['-Z', 'root']
const gatherMs = 500
const restartMs = 5_000
const maxRestartMs = 60_000
const refusal = /permission|not permitted|couldn't (?:find user|change to)/i

const mac = '([0-9a-f]{2}(?::[0-9a-f]{2}){5})'
const ip = '(\\d{1,3}(?:\\.\\d{1,3}){3})'
const linePattern = new RegExp(
  `^${mac} > \\S+ ethertype ARP \\(0x0806\\), length \\d+: (?:Request who-has ${ip}(?: \\([^)]*\\))? tell ${ip}|Reply ${ip} is-at|Announcement ${ip}|Probe ${ip})`,
  'i',
)
const nobody = '0.0.0.0'

/** One line of `tcpdump -e -n -t arp` (4.99); undefined = nothing that tells who is where. */
export function parseArpLine(line: string): ArpHeard | undefined {
  const [, from, asked, teller, replier, announced, probed] = linePattern.exec(line) ?? []
  if (from === undefined) return undefined
  const isProbe = probed !== undefined || teller === nobody
  const address = isProbe ? (probed ?? asked) : (teller ?? replier ?? announced)
  if (address === undefined || address === nobody) return undefined
  return { mac: from.toLowerCase(), ip: address, isProbe }
}

/** ARP broadcasts by a `tcpdump` child per interface; it needs CAP_NET_RAW and nothing else. The first refusal switches it off for this run. */
export function createArpEars(log: Log, path: string | undefined): ArpListener {
  return {
    listen(onHeard) {
      const stopByInterface = new Map<string, Stop>()
      let isRefused = !hasProgram('tcpdump', path)

      function open(name: string): Stop {
        let stopChild: Stop | undefined
        let timer: ReturnType<typeof setTimeout> | undefined
        let isStopped = false
        let failures = 0
        const start = () => {
          if (isRefused) return
          let lastError = ''
          stopChild = startChild(
            'tcpdump',
            ['-i', name, ...(process.getuid?.() === 0 ? stayRoot : []), ...listenOnly],
            {
              onLine(line) {
                failures = 0
                const heard = parseArpLine(line)
                if (heard !== undefined) onHeard(heard)
              },
              onErrorLine(line) {
                if (refusal.test(line)) refuse(line)
                lastError = line
              },
              onExit(detail) {
                if (isStopped || isRefused) return
                failures++
                if (failures === 1)
                  log.info({ interface: name, detail, lastError }, 'tcpdump ended; starting it again')
                timer = setTimeout(start, Math.min(maxRestartMs, restartMs * failures))
              },
            },
            { gatherMs },
          )
        }
        start()
        return () => {
          isStopped = true
          clearTimeout(timer)
          stopChild?.()
        }
      }

      function refuse(why: string): void {
        if (isRefused) return
        isRefused = true
        log.warn(
          { why: why.slice(0, 200) },
          'tcpdump may not listen (CAP_NET_RAW); devices with an address by hand are found by sweeps only',
        )
      }

      return {
        join(names) {
          for (const [name, stop] of stopByInterface) {
            if (names.includes(name)) continue
            stopByInterface.delete(name)
            stop()
          }
          for (const name of names) if (!stopByInterface.has(name)) stopByInterface.set(name, open(name))
        },
        isHearing: () => !isRefused && stopByInterface.size > 0,
        stop() {
          for (const stop of stopByInterface.values()) stop()
          stopByInterface.clear()
        },
      }
    },
  }
}
