/** A model number as makers write them: letters and digits in one word, perhaps with dashes (`DGS-1510-28`, `TL-SG3428`). */
const modelWord =
  /(?:^|[\s:(,])((?=[A-Za-z0-9/+.-]*\d)(?=[A-Za-z0-9/+.-]*[A-Z])[A-Za-z][A-Za-z0-9]*(?:[-/+.][A-Za-z0-9+]+)*)/g
const noModel =
  /^(?:v?\d|v\d|r\d+$|ver|rev|linux|arm|mips|x86|i[3-6]86|amd64|ppc|l[234]$|10\/100|ipv[46]|rfc|snmpv|802|build|[a-f0-9]{8,}$|20\d\d|fc\d|u-boot|port|sp\d$|utc|h\d$)/i

/** What looks most like a model in a sysDescr no rule reads; undefined rather than a guess in a kernel's version line. */
export function modelWords(descr: string | undefined, vendor: string | undefined): string | undefined {
  if (descr === undefined || vendor === undefined || /^(?:Linux|FreeBSD|Hardware:) /.test(descr))
    return undefined
  for (const [, word] of descr.slice(0, 200).matchAll(modelWord)) {
    if (word !== undefined && word.length >= 3 && !noModel.test(word)) return word
  }
  return undefined
}

const versionPatterns: readonly RegExp[] = [
  /\b(?:software|firmware|sw|fw|os|system)[ _-]?(?:version|ver|rev|revision|release)?[ .:=]+v?(\d+(?:\.[\w()-]+)+)/i,
  /\b(?:version|ver|revision|rev|release)[ .:=]*v?(\d+(?:[.][\w()-]+)*)/i,
  /[ ,;(]v(\d+(?:\.[\w()-]+)+)/i,
  /[ ,](\d+\.\d+\.\d+(?:[.\w()-]*))/,
]

/** What looks like the version of the device's own software; never a Linux kernel's. */
export function versionWords(descr: string | undefined): string | undefined {
  if (descr === undefined || /^(?:Linux|FreeBSD|Hardware:) /.test(descr)) return undefined
  const [own = descr] = descr.slice(0, 300).split(/,? (?:Linux|kernel|U-Boot) /)
  for (const pattern of versionPatterns) {
    const found = pattern.exec(own)?.[1]
    if (found !== undefined) return found
  }
  return undefined
}
