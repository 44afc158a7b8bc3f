import { language, t } from '../i18n/language.ts'

const digits = (value: number) =>
  new Intl.NumberFormat(language.locale, { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 })
/** A number as people read it: few digits, in the page's language. */
export const amount = (value: number): string => digits(Math.abs(value)).format(value)

const steps = [
  { from: 1e9, unit: 'Gbit/s' },
  { from: 1e6, unit: 'Mbit/s' },
  { from: 1e3, unit: 'kbit/s' },
] as const

/** `12 Mbit/s`. */
export function rateWords(bitsPerSecond: number): string {
  const step = steps.find(({ from }) => bitsPerSecond >= from)
  return step === undefined
    ? `${Math.round(bitsPerSecond)} bit/s`
    : `${amount(bitsPerSecond / step.from)} ${step.unit}`
}

/** `usual 18–24 ms`; one number where both read alike. */
export function usualWords({ lowMs, highMs }: { readonly lowMs: number; readonly highMs: number }): string {
  const places = highMs < 10 ? 2 : highMs < 100 ? 1 : 0
  const { format } = new Intl.NumberFormat(language.locale, { maximumFractionDigits: places })
  const [low, high] = [format(lowMs), format(highMs)]
  return t('usual {range} ms', { range: low === high ? low : `${low}–${high}` })
}
