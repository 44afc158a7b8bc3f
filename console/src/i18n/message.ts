/** What stands in for the `{names}` of a message. */
export type Values = Readonly<Record<string, string | number>>

/**
 * Fills a message: `{name}`, and the plurals of ICU MessageFormat, `{count, plural, one {# device} other {# devices}}` (`#` = the number).
 * A plural holds no further braces but its values' names; a name without a value stays as it is. Pure.
 */
export function fillMessage(message: string, values: Values, locale: string): string {
  if (!message.includes('{')) return message
  return message
    .replaceAll(
      /\{(\w+), plural,((?: *\w+ \{(?:[^{}]|\{\w+\})*\})+)\}/g,
      (whole, name: string, forms: string) => {
        const count = values[name]
        return typeof count === 'number' ? pluralForm(forms, count, locale) : whole
      },
    )
    .replaceAll(/\{(\w+)\}/g, (whole, name: string) => told(values[name], locale) ?? whole)
}

function pluralForm(forms: string, count: number, locale: string): string {
  const wanted = rulesOf(locale).select(count)
  const byName = new Map(
    [...forms.matchAll(/(\w+) \{((?:[^{}]|\{\w+\})*)\}/g)].map(([, name, text]) => [name, text]),
  )
  const form = byName.get(wanted) ?? byName.get('other') ?? ''
  return form.replaceAll('#', told(count, locale) ?? '')
}

const told = (value: string | number | undefined, locale: string): string | undefined =>
  typeof value === 'number' ? numbersOf(locale).format(value) : value

/** Making one takes longer than a hundred uses of it. */
function keep<T>(make: (locale: string) => T): (locale: string) => T {
  const made = new Map<string, T>()
  return (locale) => {
    const known = made.get(locale)
    if (known !== undefined) return known
    const fresh = make(locale)
    made.set(locale, fresh)
    return fresh
  }
}
const rulesOf = keep((locale) => new Intl.PluralRules(locale))
const numbersOf = keep((locale) => new Intl.NumberFormat(locale, { maximumFractionDigits: 2 }))
