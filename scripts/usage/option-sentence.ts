/**
 * What commander says of a mistyped command line, as a sentence of ours: with a capital, on one line, and with the option by its name –
 * `option '--port <n>' argument 'abc' is invalid. a port is …` becomes `Option --port cannot be "abc": a port is …`.
 */
export function optionSentence(message: string): string {
  const text = message
    .replace(/^error: /, '')
    .replaceAll(/\s*\n\s*/g, ' ')
    .trim()
  const invalid = /^option '(?:-\w, )?(--[\w-]+)[^']*' argument '(.*)' is invalid\. (.*)$/.exec(text)
  if (invalid !== null) {
    const [, option = '', value = '', reason = ''] = invalid
    return `Option ${option} cannot be "${value}": ${reason}`
  }
  return text.charAt(0).toUpperCase() + text.slice(1)
}
