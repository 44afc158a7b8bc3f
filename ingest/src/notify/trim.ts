import type { Database } from '../db/database.ts'

const keepMs = 30 * 24 * 3_600_000

/**
 * Forgets messages of 30 days ago and more. What was told of an incident stays until 30 days after its end: it is what says that the incident
 * is not new to the channel.
 */
export async function trimNotifications(db: Database['db'], nowMs: number): Promise<void> {
  const beforeMs = nowMs - keepMs
  await db
    .deleteFrom('notifications')
    .where('created_at_ms', '<', beforeMs)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('incidents')
            .select('incidents.key')
            .whereRef('incidents.key', '=', 'notifications.incident_key')
            .where((eb) =>
              eb.or([eb('incidents.closed_at_ms', 'is', null), eb('incidents.closed_at_ms', '>=', beforeMs)]),
            ),
        ),
      ),
    )
    .execute()
}
