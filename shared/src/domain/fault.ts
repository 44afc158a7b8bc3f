import { z } from 'zod'

/** The causes the fault core tells apart. The name says what is broken, never what suffers from it. */
export const faultClasses = [
  'router-down',
  'wan-link-down',
  'provider-down',
  'dns-failing',
  'dhcp-failing',
  'switch-down',
  'pos-down',
  'device-down',
  'payment-path-failing',
  'wan-degraded',
  'power-cut',
  'appliance-cable',
  'appliance-down',
  'ip-conflict',
  'location-dark',
  'cloud-unreachable',
  'provider-outage',
  'processor-outage',
  'region-outage',
] as const
export const faultClassSchema = z.enum(faultClasses)
export type FaultClass = z.infer<typeof faultClassSchema>

/** How much a fault hurts trade; drives the response limit. */
export const severities = ['low', 'medium', 'high', 'critical'] as const
export const severitySchema = z.enum(severities)
export type Severity = z.infer<typeof severitySchema>

/** Where a payment path broke first; `none` = it works. */
export const payPathStages = ['none', 'dns', 'tcp', 'tls'] as const
export const payPathStageSchema = z.enum(payPathStages)
export type PayPathStage = z.infer<typeof payPathStageSchema>

/** Can this checkout or Location take cards? */
export const payabilities = ['payable', 'degraded', 'not-payable', 'unknown'] as const
export const payabilitySchema = z.enum(payabilities)
export type Payability = z.infer<typeof payabilitySchema>
