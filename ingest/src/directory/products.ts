import type { DeviceRole } from '@proactive/shared'
import type { ConfirmDevice, Product } from '@proactive/shared/http'
import { productSchema } from '@proactive/shared/http'
import type { Database, Trx } from '../db/database.ts'
import { DirectoryError, found } from './errors.ts'
import type { DirectoryJournal } from './journal.ts'
import { proposeProduct, type ProductMatch } from './propose-product.ts'
import type { DeviceConfirmationRow } from './tables.ts'

/** What identifies a device well enough to look for its product. */
export interface ProductQuestion {
  readonly deviceId: string
  readonly role: string
  readonly name?: string | undefined
  readonly vendor?: string | undefined
  readonly model?: string | undefined
}

/** The products of Locations, and what people confirmed about devices. */
export interface Products {
  list(locationId: string): Promise<Product[]>
  putProduct(product: Omit<Product, 'deviceIds'>): Promise<void>
  /** What people said about the Location's devices, by device id. */
  confirmations(locationId: string): Promise<ReadonlyMap<string, DeviceConfirmationRow>>
  /** Absent fields stay as they are. @throws DirectoryError where the product belongs to another Location. */
  confirmDevice(locationId: string, deviceId: string, change: ConfirmDevice, byUserId: string): Promise<void>
  /** The device's product: confirmed by a person, else proposed by role and words, else none ("Not listed"). */
  productOf(locationId: string, question: ProductQuestion): Promise<ProductMatch | undefined>
}

export interface ProductsDependencies {
  readonly database: Database
  readonly journal: DirectoryJournal
  readonly nowMs: () => number
  /** Called within the write after what an appliance should know about its devices changed. */
  readonly refreshDesired: (trx: Trx, locationId: string) => Promise<readonly string[]>
}

export function createProducts(dependencies: ProductsDependencies): Products {
  const {
    database: { db },
    journal,
    nowMs,
    refreshDesired,
  } = dependencies

  async function list(trx: Trx | typeof db, locationId: string): Promise<Product[]> {
    const rows = await trx
      .selectFrom('products')
      .selectAll()
      .where('location_id', '=', locationId)
      .orderBy('name')
      .orderBy('id')
      .execute()
    const devices = await trx
      .selectFrom('device_confirmations')
      .select(['device_id', 'product_id'])
      .where('location_id', '=', locationId)
      .where('product_id', 'is not', null)
      .orderBy('device_id')
      .execute()
    return rows.map((row) =>
      productSchema.parse({
        id: row.id,
        locationId,
        name: row.name,
        role: row.role,
        deviceIds: devices.filter((device) => device.product_id === row.id).map((device) => device.device_id),
      }),
    )
  }

  async function confirmations(locationId: string) {
    const rows = await db
      .selectFrom('device_confirmations')
      .selectAll()
      .where('location_id', '=', locationId)
      .execute()
    return new Map(rows.map((row) => [row.device_id, row]))
  }

  return {
    list: (locationId) => list(db, locationId),
    putProduct: ({ id, locationId, name, role }) =>
      journal.write(async ({ trx, record }) => {
        found(
          await trx.selectFrom('locations').select('id').where('id', '=', locationId).executeTakeFirst(),
          'Location',
        )
        await trx
          .insertInto('products')
          .values({ id, location_id: locationId, name, role })
          .onConflict((conflict) => conflict.column('id').doUpdateSet({ name, role }))
          .execute()
        const product = (await list(trx, locationId)).find((each) => each.id === id)
        await record({ type: 'product', value: found(product, 'product of this Location') })
      }),
    confirmations,
    confirmDevice: (locationId, deviceId, change, byUserId) =>
      journal.write(async ({ trx, record, configured, desired }) => {
        const before = await list(trx, locationId)
        if (change.productId !== undefined && change.productId !== null) {
          if (!before.some((product) => product.id === change.productId))
            throw new DirectoryError('not-found', 'There is no such product at this Location.')
        }
        const set = {
          ...(change.productId === undefined
            ? {}
            : { product_id: change.productId, is_product_confirmed: 1 }),
          ...(change.role === undefined ? {} : { role: change.role }),
          ...(change.name === undefined ? {} : { name: change.name }),
          ...(change.vendor === undefined ? {} : { vendor: change.vendor }),
          ...(change.model === undefined ? {} : { model: change.model }),
          ...(change.isSleeper === undefined ? {} : { is_sleeper: Number(change.isSleeper) }),
          ...(change.isRetired === undefined ? {} : { is_retired: Number(change.isRetired) }),
          confirmed_by: byUserId,
          confirmed_at_ms: nowMs(),
        }
        await trx
          .insertInto('device_confirmations')
          .values({
            location_id: locationId,
            device_id: deviceId,
            product_id: null,
            is_product_confirmed: 0,
            role: null,
            name: null,
            vendor: null,
            model: null,
            is_sleeper: null,
            is_retired: null,
            ...set,
          })
          .onConflict((conflict) => conflict.columns(['location_id', 'device_id']).doUpdateSet(set))
          .execute()
        await configured(locationId)
        for (const applianceId of await refreshDesired(trx, locationId)) desired(applianceId)
        for (const product of await list(trx, locationId)) {
          const old = before.find((each) => each.id === product.id)
          if (old?.deviceIds.join() !== product.deviceIds.join())
            await record({ type: 'product', value: product })
        }
      }),
    productOf: async (locationId, question) => {
      const products = await list(db, locationId)
      const confirmation = (await confirmations(locationId)).get(question.deviceId)
      if (confirmation?.is_product_confirmed === 1) {
        const product = products.find((each) => each.id === confirmation.product_id)
        return product && { productId: product.id, name: product.name, isConfirmed: true }
      }
      return proposeProduct(products, {
        ...question,
        role: (confirmation?.role ?? question.role) as DeviceRole,
        vendor: confirmation?.vendor ?? question.vendor,
        model: confirmation?.model ?? question.model,
      })
    },
  }
}
