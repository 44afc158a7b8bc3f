import type { DirectoryEntity } from '@proactive/shared/http'

/** What a change is about, `type/id`; a removal is about the thing that is gone. Two changes of one subject: the later says everything. */
export function subjectOf(entity: DirectoryEntity): string {
  switch (entity.type) {
    case 'removed':
      return `${entity.value.entity}/${entity.value.id}`
    case 'stake': {
      const { locationId, organizationId, kind } = entity.value
      return `stake/${locationId}/${organizationId}/${kind}`
    }
    default:
      return `${entity.type}/${entity.value.id}`
  }
}
