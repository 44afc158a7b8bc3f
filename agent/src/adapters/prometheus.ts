import type { AgentStatus } from '../agent-deps.ts'
import type { ApplianceHealth } from '../ports/index.ts'

/**
 * Prometheus text of how the agent stands; read when somebody asks, so nothing is counted twice. The library (14 MB of memory) is loaded
 * for the first one who does.
 */
export function createMetrics(
  status: () => AgentStatus,
  health: () => Promise<ApplianceHealth>,
): () => Promise<string> {
  let metrics: Promise<() => Promise<string>> | undefined
  return async () => {
    metrics ??= import('prom-client').then(({ default: library }) => buildMetrics(library, status, health))
    return (await metrics)()
  }
}

function buildMetrics(
  { Gauge, Registry }: typeof import('prom-client'),
  status: () => AgentStatus,
  health: () => Promise<ApplianceHealth>,
): () => Promise<string> {
  const registry = new Registry()
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `proactive_agent_${name}`, help, labelNames, registers: [registry] })
  const connected = gauge('connected', '1 while the cloud is connected')
  const connects = gauge('connects_total', 'Connections to the cloud since the start')
  const failures = gauge('connect_failures_total', 'Attempts to connect that failed since the start')
  const rejected = gauge('rejected_messages_total', 'Messages from the cloud that were not understood')
  const trimmed = gauge('birth_trimmed_evidence', 'Facts about devices that the last birth had no room for')
  const inFlight = gauge('in_flight', 'Messages sent and not acknowledged yet')
  const spoolBytes = gauge('spool_bytes', 'Bytes kept until the cloud has them')
  const spoolRecords = gauge('spool_records', 'Messages kept until the cloud has them')
  const dropped = gauge('spool_dropped_total', 'Batches given up because the spool was full or damaged')
  const unsendable = gauge('records_unsendable_total', 'Records that no message could be made of, deleted')
  const quarantined = gauge('spool_quarantined_total', 'Damaged spools moved aside')
  const commits = gauge('spool_commits_total', 'Writes to the spool since the start')
  const lost = gauge('lost_entries_total', 'Batches and changes that could not be written')
  const lostWindow = gauge('lost_window_ms_total', 'Measured time lost in crashes')
  const packets = gauge('probe_packets_total', 'Packets the probers sent', ['class'])
  const refused = gauge('probe_packets_refused_total', 'Packets the budget refused', ['class'])
  const devices = gauge('devices', 'Devices by presence', ['presence'])
  const refusedDevices = gauge(
    'devices_refused_total',
    'Sightings of new devices that found no room or no number',
  )
  const ignoredAddresses = gauge(
    'addresses_ignored_total',
    'New MAC and IPv6 addresses above the pace of one device or one place',
  )
  const announced = gauge('announcements_total', 'mDNS and SSDP packets heard')
  const ignored = gauge('announcements_ignored_total', 'Of these: foreign, unreadable, or too many')
  const ignoredWords = gauge(
    'broadcasts_ignored_total',
    'DHCP requests and ARP broadcasts above the pace that is listened to',
    ['protocol'],
  )
  const unkept = gauge('samples_dropped_total', 'Samples that found no room in a window')
  const lineReadings = gauge(
    'line_readings_dropped_total',
    'Readings of the router’s WAN counters beyond what its link carries',
  )
  const written = gauge('written_bytes_total', 'Bytes this process made the disk write since its start')
  const writtenPerDay = gauge('written_bytes_per_day', 'The same, carried forward to a day')
  return async () => {
    const now = status()
    connected.set(now.connection.isConnected ? 1 : 0)
    connects.set(now.session.connects)
    failures.set(now.session.failures)
    rejected.set(now.session.rejectedMessages)
    trimmed.set(now.session.trimmedEvidence)
    inFlight.set(now.inFlight)
    spoolBytes.set(now.spool.bytes)
    spoolRecords.set(now.spool.records)
    dropped.set(now.spool.dropped)
    unsendable.set(now.unsendable)
    quarantined.set(now.spool.quarantined)
    commits.set(now.recorder.commits)
    lost.set(now.recorder.lostEntries)
    lostWindow.set(now.recorder.lostWindowMs)
    devices.set({ presence: 'present' }, now.presence.present)
    devices.set({ presence: 'known' }, now.presence.known)
    refusedDevices.set(now.inventory.refused)
    ignoredAddresses.set(now.inventory.ignoredAddresses)
    announced.set(now.announcements.packets)
    ignored.set(now.announcements.ignored)
    ignoredWords.set({ protocol: 'dhcp' }, now.ignoredWords.dhcp)
    ignoredWords.set({ protocol: 'arp' }, now.ignoredWords.arp)
    unkept.set(now.recorder.droppedSamples)
    lineReadings.set(now.droppedLineReadings)
    for (const figures of now.budget) {
      packets.set({ class: figures.class }, figures.spent)
      refused.set({ class: figures.class }, figures.refused)
    }
    const { writtenBytes } = await health()
    if (writtenBytes !== null) {
      written.set(writtenBytes)
      if (now.upSeconds > 0) writtenPerDay.set(Math.round((writtenBytes / now.upSeconds) * 86_400))
    }
    return registry.metrics()
  }
}
