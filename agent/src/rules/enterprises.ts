import type { DeviceRole } from '@proactive/shared'

/**
 * Makers by their registered enterprise number (IANA private enterprise numbers): what stands behind `1.3.6.1.4.1.` in sysObjectID,
 * with what the maker's boxes at a shop usually are. Only a fallback: product lines in `families/` know better.
 */
const makers: Readonly<Partial<Record<DeviceRole, string>>> = {
  router: `
    9 Cisco|272 bintec elmeg|332 Digi|529 Ascend|664 Adtran|2007 Teldat|2352 Redback|2636 Juniper|2684 Funkwerk
    3955 Linksys|4884 Lucent|5504 Zhone|6527 Nokia|6889 Avaya|7367 DrayTek|8059 BEC|8295 Billion|12838 Enterasys
    13191 OneAccess|14988 MikroTik|20542 Sierra Wireless|20992 Cradlepoint|23695 Peplink|27662 Peplink|28402 Edimax|30803 Vyatta
    37069 Robustel|41112 Ubiquiti|44641 VyOS|48690 Teltonika|2356 LANCOM|872 AVM
    33555 Racom|34086 Proscend|31496 NetModule|18070 BTI|30140 Conel|10297 Advantech
    50114 InHand|43 3Com|35098 4RF|3224 Juniper`,
  switch: `
    11 HP|45 Nortel|52 Cabletron|119 NEC|171 D-Link|207 Allied Telesis
    211 Fujitsu|244 Lantronix|248 Hirschmann|259 Accton|388 Symbol|437 Bay Networks|495 Garrettcom|637 Alcatel-Lucent|674 Dell
    800 Alcatel|868 Transition Networks|890 Zyxel|1588 Brocade|1751 Avaya|1872 Alteon|1916 Extreme|1991 Brocade|2011 Huawei|2272 Avaya
    2854 Netopia|3181 Teleste|3320 BDCOM|3417 Blue Coat|3709 Datacom|3902 ZTE|4413 Broadcom|4526 Netgear|4881 Ruijie
    5624 Enterasys|5651 Maipu|6027 Dell|6141 Ciena|6296 Dasan|6339 DCN|6321 Calix|6486 Alcatel-Lucent|7064 Edge-Core|7244 Quanta
    8691 Moxa|15004 Ruggedcom|266 Nexans|13453 Microsens|8886 Raisecom|9303 PacketFront|9304 Waystream|10456 Planet|11863 TP-Link
    16177 Westermo|21362 Black Box|22420 Accedian
    24062 Korenix|25506 H3C|25946 Signamax|26543 Lenovo|27282 Realtek|28866 Etherwan|29671 Meraki|30065 Arista
    33049 Mellanox|35265 Eltex|37072 Telco Systems|39406 Atop|40310 Cumulus|40418 SNR|42943 SNR|44194 EnGenius
    46706 Edge-Core|47196 Aruba|52642 FS
    1966 Perle|28458 Volktek|22610 A10|27514 FS|36348 Intelbras
    34592 CDATA|37950 VSOL
    629 MRV|33826 MRV|5205 Rad Data|164 RAD`,
  firewall: `
    1230 McAfee|1369 Stonesoft|2604 Sophos|2620 Check Point|3097 WatchGuard|3375 F5|5089 Clavister|5951 Citrix
    8741 SonicWall|9789 Astaro|9694 Arbor|10704 Barracuda|11256 Stormshield|12325 FreeBSD|12356 Fortinet
    17163 Riverbed|20632 Barracuda|21067 Sophos|25461 Palo Alto Networks|28868 Smoothwall
    37732 Gateprotect|45512 Endian|7779 Infoblox`,
  'access-point': `
    161 Motorola|3942 InfiNet|4329.15 Extreme|5454 Trango|6080 BridgeWave|7262 Tranzeo|7571 SAF
    10002 Ubiquiti|11898 Proxim|12394 Alvarion|14125 EnGenius|14179 Cisco|14525 Trapeze|14823 Aruba|15983 Meru|17713 Cambium
    20501 Colubris|8744 HP|21013 Xirrus|25053 Ruckus|25651 Exalt|26928 Aerohive|31926 Siklu|32750 LigoWave|32761 Deliberant
    41752 Siae|373 Siae|2281 Ceragon|4458 RADWIN|12237 Wavion|43356 Mimosa|17471 Actelis
    42397 Grandstream|22665 IgniteNet|53864 Tarana|52025 IgniteNet|33138 Airspan|989 Airspan|62275 Tachyon
    16901 Airtight|3309 Nomadix`,
  modem: `
    1166 Motorola|2863 Technicolor|2902 Comtrend|4115 Arris|4998 Arris|6768 Casa|8595 Sagemcom|17270 Technicolor
    20858 Casa|2505 Zoom|8708 Comtech|16345 Hitron|6249 iDirect|13732 iDirect
    6247 Comtech|7352 Newtec|4042 PBN|1795 Paradyne`,
  printer: `
    11.2.3.9 HP|122 Sony|128 Tektronix|186 Toshiba|236 Samsung|253 Xerox|258 Panasonic|279 TallyGenicom
    297 Fuji Xerox|367 Ricoh|480 QMS|641 Lexmark|683 Printronix|1129 Toshiba|1229 Datamax|1248 Epson|1347 Kyocera|1352 Oce
    1552 Muratec|1602 Canon|1963 Intermec|2001 OKI|2136 Printronix|2385 Sharp|2409 Riso|2435 Brother|2590 Konica Minolta
    4322 Minolta|10642 Zebra|11369 Star Micronics|18334 Konica Minolta|23668 Dymo|24807 Riso
    40093 Pantum`,
  ups: `
    232.165 HP|318 APC|476 Vertiv|534 Eaton|705 Eaton|818 Exide|850 Tripp Lite|935 Voltronic|1356 Generex|1385 Deltec|1918 Eaton|2254 Delta
    2947 Minuteman|3711 Best Power|3808 CyberPower|4555 Socomec|5491 Riello|6302 Vertiv|7309 Astrodyne|8073 Chloride
    12148 Eltek|12551 Borri|13310 Salicru|13891 AEG|2162 Benning
    23400 Alpha|24734 Enatel|32796 KSTAR|34498 Makelsan|34544 Centiel
    6050 Gamatronic|35491 Vutlan
    26376 Alpha`,
  pdu: `
    1718 ServerTech|10418 Avocent|13742 Raritan|17420 Aten|19536 Panduit|21239 Geist|21317 ATEN|23273 Synaccess|25728 NetPing
    28507 Gude|29640 Schleifenbauer|31034 Schleifenbauer|31770 Bachmann|34097 Digital Loggers|37662 Knurr|2769 Knurr|38446 Enlogic
    47394 Austin Hughes|232 HP
    `,
  environment: `
    2606 Rittal|3854 AKCP|5528 APC|18248 Papouch|20916 AVTECH|21796 HWg|22626 Comet
    17095 Network Technologies|3699 Network Technologies|31440 Tinycontrol
    46501 Didactum
    `,
  camera: `
    368 Axis|1004 Pelco|3967 Bosch|39165 Hikvision|17684 Mobotix`,
  phone: `
    13885 Polycom|37459 Yealink|7526 Snom|5596 Tandberg|1027 Mitel|6026 Shoretel|5003 AudioCodes|1768 Vega|4935 Quintum|4329 Siemens`,
  server: `
    2 IBM|42 Sun|111 Oracle|231 Fujitsu|311 Microsoft|343 Intel|674.10892 Dell|6876 VMware|10876 Supermicro|40711 Nutanix`,
  storage: `
    6574 Synology|24681 QNAP|55062 QNAP|789 NetApp|1981 EMC|12740 Dell EqualLogic|18928 Areca|2925 Iomega|27546 Buffalo|40482 Pure Storage|3764 Quantum|14851 Quantum`,
  iot: `
    4196 Siemens`,
}

interface Maker {
  readonly vendor: string
  readonly role: DeviceRole
}

const makerByNumber = new Map<string, Maker>(
  (Object.entries(makers) as [DeviceRole, string][]).flatMap(([role, text]) =>
    text
      .trim()
      .split(/\||\n\s*/)
      .map((entry) => {
        const [number = '', ...vendor] = entry.trim().split(' ')
        return [number, { vendor: vendor.join(' '), role }] as const
      }),
  ),
)

/** The maker that registered the longest prefix of an OID below `enterprises`. */
export function makerOf(objectId: string): Maker | undefined {
  const parts = objectId.split('.')
  for (let length = Math.min(parts.length, 4); length > 0; length--) {
    const maker = makerByNumber.get(parts.slice(0, length).join('.'))
    if (maker !== undefined) return maker
  }
  return undefined
}

/** How makers write their own name in text fields; the longest word first. */
const writtenNames = new Map<string, string>([
  ...[...makerByNumber.values()].map(({ vendor }) => [vendor.toLowerCase(), vendor] as const),
  ['hewlett-packard', 'HP'],
  ['hewlett packard', 'HP'],
  ['hpe', 'HPE'],
  ['apc by schneider electric', 'APC'],
  ['american power conversion', 'APC'],
  ['schneider electric', 'APC'],
  ['liebert', 'Vertiv'],
  ['emerson', 'Vertiv'],
  ['mge', 'Eaton'],
  ['powerware', 'Eaton'],
  ['cyber power', 'CyberPower'],
  ['seiko epson', 'Epson'],
  ['fuji xerox', 'Fuji Xerox'],
  ['fujifilm', 'Fujifilm'],
  ['kyocera mita', 'Kyocera'],
  ['develop', 'Develop'],
  ['olivetti', 'Olivetti'],
  ['nrg', 'NRG'],
  ['lanier', 'Lanier'],
  ['savin', 'Savin'],
  ['gestetner', 'Gestetner'],
  ['infotec', 'Infotec'],
  ['utax', 'Utax'],
  ['ta triumph-adler', 'Triumph-Adler'],
  ['oki data', 'OKI'],
  ['okidata', 'OKI'],
  ['generic', 'Konica Minolta'],
  ['zebra technologies', 'Zebra'],
])
const namesByLength = [...writtenNames.keys()].sort((a, b) => b.length - a.length)

/** The maker whose name a text begins with. */
export function makerNamedIn(text: string): string | undefined {
  const lower = text.toLowerCase()
  const name = namesByLength.find(
    (one) => lower.startsWith(one) && !/[a-z0-9]/.test(lower[one.length] ?? ' '),
  )
  return name === undefined ? undefined : writtenNames.get(name)
}
