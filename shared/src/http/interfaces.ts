import { z } from 'zod'
import { epochMs } from '../domain/text.ts'
import { deviceInterfaceSchema } from '../wire/birth.ts'

/** One interface of a router or switch with its newest readings; null = not read within a day, or it does not tell. */
export const interfaceStateSchema = deviceInterfaceSchema
  .pick({ id: true, index: true, name: true, note: true })
  .extend({
    isUp: z.boolean().nullable(),
    speedMbps: z.number().nullable(),
    isFullDuplex: z.boolean().nullable(),
    rxBitsPerSecond: z.number().nullable(),
    txBitsPerSecond: z.number().nullable(),
    /** Errors between the last two readings. */
    rxErrors: z.number().nullable(),
    txErrors: z.number().nullable(),
    atMs: epochMs.nullable(),
  })
export type InterfaceState = z.infer<typeof interfaceStateSchema>

/** `GET /api/locations/:id/devices/:deviceId/interfaces` (viewer): in the device's own order; empty where it tells of none. `id` is the subject of their series. */
export const interfaceListSchema = z.object({ items: z.array(interfaceStateSchema) })
export type InterfaceList = z.infer<typeof interfaceListSchema>
