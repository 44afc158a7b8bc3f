import { join } from 'node:path'

/**
 * Configuration of a private InfluxDB 1.x (docs.influxdata.com/influxdb/v1/administration/config). Both listeners stay on
 * 127.0.0.1: the top-level `bind-address` is the backup RPC, any free port will do. The tsi1 index keeps series on disk.
 */
export function influxdConfig({ dataDir, port }: { dataDir: string; port: number }): string {
  return `reporting-disabled = true
bind-address = "127.0.0.1:0"

[meta]
  dir = ${quote(join(dataDir, 'meta'))}

[data]
  dir = ${quote(join(dataDir, 'data'))}
  wal-dir = ${quote(join(dataDir, 'wal'))}
  index-version = "tsi1"
  query-log-enabled = false
  max-series-per-database = 2000000

[retention]
  enabled = true
  check-interval = "10m"

[monitor]
  store-enabled = false

[http]
  enabled = true
  bind-address = "127.0.0.1:${port}"
  log-enabled = false
  write-tracing = false
  access-log-path = ""

[subscriber]
  enabled = false

[continuous_queries]
  enabled = false

[[graphite]]
  enabled = false
[[collectd]]
  enabled = false
[[opentsdb]]
  enabled = false
[[udp]]
  enabled = false

[logging]
  level = "warn"
  suppress-logo = true
`
}

/** A TOML basic string. */
const quote = (text: string): string => JSON.stringify(text)
