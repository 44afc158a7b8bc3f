import type { VendorFamily } from '../rule.ts'
import { accessFamilies } from './access.ts'
import { apcFamilies } from './apc.ts'
import { arubaFamilies } from './aruba-hp.ts'
import { ciscoFamilies } from './cisco.ts'
import { dlinkFamilies } from './d-link.ts'
import { dellFamilies } from './dell.ts'
import { eatonFamilies } from './eaton.ts'
import { extremeFamilies } from './extreme.ts'
import { firewallFamilies } from './firewalls.ts'
import { fortinetFamilies } from './fortinet.ts'
import { homeFamilies } from './homes.ts'
import { hostFamilies } from './hosts.ts'
import { juniperFamilies } from './juniper.ts'
import { lancomFamilies } from './lancom.ts'
import { mikrotikFamilies } from './mikrotik.ts'
import { mobileRouterFamilies } from './mobile-routers.ts'
import { otherSwitchFamilies } from './other-switches.ts'
import { powerFamilies } from './power.ts'
import { printerFamilies } from './printers.ts'
import { providerFamilies } from './provider-networks.ts'
import { rebadgedPrinterFamilies } from './rebadged-printers.ts'
import { ruckusFamilies } from './ruckus.ts'
import { switchFamilies } from './switches.ts'
import { tplinkFamilies } from './tp-link.ts'
import { ubiquitiFamilies } from './ubiquiti.ts'
import { zyxelFamilies } from './zyxel.ts'

/** Every product line the agent can tell; a new one is a row in its family's file. */
export const families: readonly VendorFamily[] = [
  ...ciscoFamilies,
  ...mikrotikFamilies,
  ...ubiquitiFamilies,
  ...fortinetFamilies,
  ...arubaFamilies,
  ...dellFamilies,
  ...juniperFamilies,
  ...tplinkFamilies,
  ...dlinkFamilies,
  ...zyxelFamilies,
  ...ruckusFamilies,
  ...extremeFamilies,
  ...lancomFamilies,
  ...mobileRouterFamilies,
  ...firewallFamilies,
  ...switchFamilies,
  ...otherSwitchFamilies,
  ...accessFamilies,
  ...providerFamilies,
  ...homeFamilies,
  ...apcFamilies,
  ...eatonFamilies,
  ...powerFamilies,
  ...printerFamilies,
  ...rebadgedPrinterFamilies,
  ...hostFamilies,
]
