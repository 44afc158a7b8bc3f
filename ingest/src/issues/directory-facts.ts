import type { Db } from '../db/database.ts'
import type { Directory } from '../directory/index.ts'
import type { LocationView } from '../faults/model.ts'
import type { DeviceFacts, IssueFacts } from './describe-issue.ts'

export interface DirectoryFactsDependencies {
  readonly db: Db
  readonly directory: Pick<Directory, 'products' | 'routing'>
}

/** What the directory and the newest view of a Location know about its devices, products and desks. */
export function createDirectoryFacts({ db, directory }: DirectoryFactsDependencies): IssueFacts {
  const { products, routing } = directory
  return {
    async devices(locationId) {
      const row = await db
        .selectFrom('location_views')
        .select('view')
        .where('location_id', '=', locationId)
        .executeTakeFirst()
      const view = row === undefined ? undefined : (JSON.parse(row.view) as LocationView)
      return new Map((view?.devices ?? []).map(({ device }) => [device.id, deviceFacts(device)]))
    },
    async productOf(locationId, device) {
      const match = await products.productOf(locationId, device)
      return match === undefined ? undefined : { id: match.productId, name: match.name }
    },
    async productName(locationId, productId) {
      return (await products.list(locationId)).find((product) => product.id === productId)?.name
    },
    route: (locationId, question) => routing.resolveRoute(locationId, question),
  }
}

function deviceFacts(device: LocationView['devices'][number]['device']): DeviceFacts {
  return {
    deviceId: device.id,
    role: device.role,
    name: device.name,
    vendor: device.vendor,
    model: device.model,
  }
}
