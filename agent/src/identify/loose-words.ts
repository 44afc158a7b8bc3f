/** A model number as makers write them: letters and digits in one word, perhaps with dashes (`DGS-1510-28`, `TL-SG3428`). */
const modelWord =
  /(?:^|[\s:(,])((?=[A-Za-z0-9/+.-]*\d)(?=[A-Za-z0-9/+.-]*[A-Z])[A-Za-z][A-Za-z0-9]*(?:[-/+.][A-Za-z0-9+]+)*)/g
const noModel =
  /^(?:v?\d|[rv]c?\d+\.|(?:se|one)os\d*-|v\d|r\d+$|ver|rev|linux|arm|mips|x86|i[3-6]86|amd64|ppc|l[234]$|10\/100|ipv[46]|rfc|snmpv|802|build|[a-f0-9]{8,}$|20\d\d|fc\d|u-boot|port|sp\d$|utc|h\d$)/i

/** "MODEL: 7210", "Product: Mediant 1000", "Model Name = X": the text says itself which part is the model. */
const namedModel = /\b(?:model|product)(?: name| number| no\.?)?\s*[:=]\s*([^,;()<>[\]\n]{2,40})/i
/** A family's name and its number: "PowerConnect 6248", "Phaser 6180". */
const familyAndNumber =
  /^((?!(?:version|release|software|firmware|build|port|copyright)\b)[A-Z][A-Za-z]{3,} \d{3,5}[A-Z]{0,3})\b/i
/** A kernel's or Windows' own line. */
const ownLine = /^(?:Linux|FreeBSD|NetBSD|OpenBSD|Hardware:) /
const longestFirstPart = 40

/** What looks most like a model in a sysDescr no rule reads; undefined rather than a guess in a kernel's version line. */
export function modelWords(descr: string | undefined, vendor: string | undefined): string | undefined {
  if (descr === undefined || vendor === undefined) return undefined
  const named = namedModel.exec(descr.slice(0, 300))?.[1]?.trim()
  if (named !== undefined && /\d/.test(named)) return named
  if (ownLine.test(descr)) return undefined
  const withoutMaker = descr.toLowerCase().startsWith(`${vendor.toLowerCase()} `)
    ? descr.slice(vendor.length + 1)
    : descr
  const numbered = familyAndNumber.exec(withoutMaker)?.[1]
  if (numbered !== undefined) return numbered
  for (const [, word] of withoutMaker.slice(0, 200).matchAll(modelWord)) {
    if (word !== undefined && word.length >= 3 && !noModel.test(word)) return word
  }
  return firstPart(withoutMaker)
}

/** All that stands before the first comma or the version, if it is short: "93PS 20kW", "24G Ethernet Switch", "Aprisa SR+ 1.9.2". */
function firstPart(descr: string): string | undefined {
  const [beforeMark = ''] = descr.split(/[,;(\n]| - /)
  const [name = ''] = beforeMark.split(/\b(?:v|ver|version|r|rev)[ .]?\d| \d+\.\d+\.\d/i)
  const text = name.trim()
  if (text === '' || text.length > longestFirstPart || text.split(' ').length > 5) return undefined
  if (/^[\d.]+(?:-\w+)?$/.test(text) || /OS$|\b(?:Linux|Software)\b/i.test(text)) return undefined
  return /\d/.test(text) || name !== beforeMark ? text : undefined
}

const versionPatterns: readonly RegExp[] = [
  /\bSW_REV: ?([^;>]+)/,
  /\b(?:software|firmware|sw|fw|os|system)[ _-]?(?:version|ver|rev|revision|release)?[ .:=]+v?(\d+(?:\.[\w()-]+)+)/i,
  /\b(?:version|ver|revision|rev|release)[ .:=]*v?(\d+(?:[.][\w()-]+)*)/i,
  /\b(?:software|firmware)?[ _-]?version ?[:=] ?([A-Za-z][\w.-]*\d[\w.-]*)/i,
  /\b[A-Za-z]*OS (\d+\.\d[\w.-]*)/,
  /[ ,]([A-Z]{1,2}\.\d\d\.\d\d(?:\.\d+)?)\b/,
  /[ ,;(]v(\d+(?:\.[\w()-]+)+)/i,
  /[ ,](\d+\.\d+\.\d+(?:[.\w()-]*))/,
  /(?:\b[A-Z]{2,}[-_ ]|[ -])[VvR]?(\d+\.\d+(?:\.\d+[\w.()-]*|[A-Z]\w+))/,
]

/** What looks like the version of the device's own software; never a Linux kernel's. */
export function versionWords(descr: string | undefined): string | undefined {
  if (descr === undefined || ownLine.test(descr)) return undefined
  const [own = descr] = descr.slice(0, 300).split(/,? (?:Linux|kernel|U-Boot) /)
  for (const pattern of versionPatterns) {
    const found = pattern.exec(own)?.[1]
    if (found !== undefined) return found
  }
  return undefined
}
