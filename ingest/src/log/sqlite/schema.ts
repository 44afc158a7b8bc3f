import type Database from 'better-sqlite3'

const currentVersion = 1

/**
 * Creates what a new file lacks. One table of records per partition, so that appending goes to right edges, reading is one range and
 * trimming a prefix. @throws Error in one sentence where the file was written by a newer version.
 */
export function prepareLogSchema(db: Database.Database, partitionCount: number): void {
  const version = db.pragma('user_version', { simple: true })
  if (version === currentVersion) return
  if (version !== 0)
    throw new Error(`it has format ${version}, this program knows ${currentVersion}: use the newer program`)
  const tables = Array.from({ length: partitionCount }, (_, partition) => recordTable(partition)).join('\n')
  db.exec(`
    BEGIN IMMEDIATE;
    ${tables}
    CREATE TABLE heads (partition INTEGER PRIMARY KEY, head INTEGER NOT NULL);
    CREATE TABLE owners (
      partition INTEGER NOT NULL, consumer TEXT NOT NULL, revision INTEGER NOT NULL, committed_offset INTEGER NOT NULL,
      PRIMARY KEY (partition, consumer)
    ) WITHOUT ROWID;
    CREATE TABLE states (
      partition INTEGER NOT NULL, consumer TEXT NOT NULL, key TEXT NOT NULL, state BLOB NOT NULL,
      PRIMARY KEY (partition, consumer, key)
    );
    CREATE TABLE outputs (id INTEGER PRIMARY KEY AUTOINCREMENT, partition INTEGER NOT NULL, body BLOB NOT NULL);
    CREATE INDEX outputs_by_partition ON outputs (partition, id);
    CREATE TABLE acknowledged (partition INTEGER PRIMARY KEY, output_id INTEGER NOT NULL);
    CREATE TABLE open_sessions (appliance_id TEXT PRIMARY KEY, location_id TEXT NOT NULL) WITHOUT ROWID;
    PRAGMA user_version = ${currentVersion};
    COMMIT;
  `)
}

/** Table of a partition's records. */
export function recordTableName(partition: number): string {
  return `records_${partition}`
}

function recordTable(partition: number): string {
  return `CREATE TABLE ${recordTableName(partition)} (
    offset INTEGER PRIMARY KEY, received_at_ms INTEGER NOT NULL, kind INTEGER NOT NULL,
    location_id TEXT NOT NULL, appliance_id TEXT, payload BLOB NOT NULL
  );`
}
