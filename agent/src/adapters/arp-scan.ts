import type { Arp, ArpAnswer, Log } from '../ports/index.ts'
import { runProgram } from './child-lines.ts'
import { hasProgram } from './fping.ts'

const answerPattern = /^(\d+\.\d+\.\d+\.\d+)\s+([0-9a-f]{2}(?::[0-9a-f]{2}){5})\b/i
const askTries = 2
const timeoutMs = 300
/** An answer on a LAN takes a fraction of this. */
const sweepTimeoutMs = 200
/** About 2,000 requests a second, as fast as the sweep by datagrams (bits per second). */
const sweepBandwidth = 1_000_000
const maxRunMs = 8_000

/** Lines of `arp-scan --plain --quiet` (which spares it reading its own table of makers); without `--quiet` the maker follows: `192.0.2.7<tab>00:00:5e:00:53:01<tab>(Unknown)`. */
export function parseArpScan(text: string): ArpAnswer[] {
  const answers = new Map<string, ArpAnswer>()
  for (const line of text.split('\n')) {
    const [, ip, mac] = answerPattern.exec(line) ?? []
    if (ip === undefined || mac === undefined) continue
    const answer = { ip, mac: mac.toLowerCase() }
    answers.set(`${answer.ip} ${answer.mac}`, answer)
  }
  return [...answers.values()]
}

/** Directed ARP by an `arp-scan` child. The first refusal for want of CAP_NET_RAW switches it off for this run. */
export function createArpScan(log: Log, path: string | undefined): Arp {
  let isAvailable = hasProgram('arp-scan', path)
  async function run(interfaceName: string, ips: readonly string[], pace: readonly string[]) {
    if (!isAvailable || ips.length === 0) return []
    const { code, stdout, stderr } = await runProgram(
      'arp-scan',
      [`--interface=${interfaceName}`, '--plain', '--quiet', '--numeric', ...pace, ...ips],
      maxRunMs,
    )
    if (code !== 0 && /permission|not permitted|CAP_NET_RAW/i.test(stderr)) {
      isAvailable = false
      log.warn(
        {},
        'arp-scan may not send raw frames (CAP_NET_RAW); devices that ignore ICMP are noticed within 60 s',
      )
    }
    return parseArpScan(stdout)
  }
  return {
    isAvailable: () => isAvailable,
    ask: (interfaceName, ips) => run(interfaceName, ips, [`--retry=${askTries}`, `--timeout=${timeoutMs}`]),
    sweep: (interfaceName, ips, tries) =>
      run(interfaceName, ips, [
        ...[`--retry=${tries}`, `--timeout=${sweepTimeoutMs}`, '--backoff=1'],
        `--bandwidth=${sweepBandwidth}`,
      ]),
  }
}
