/**
 * The value of `OPTIONS` in a file of `NAME=VALUE` lines, as words: what systemd gives a service that says `$OPTIONS`
 * (systemd.exec(5), EnvironmentFile; systemd.service(5), command lines). Quotes hold words together; the last of several counts.
 */
export function readOptionWords(text: string): string[] {
  const values = text.split('\n').flatMap((line) => {
    const value = /^\s*OPTIONS=(.*)$/.exec(line)?.[1]
    return value === undefined ? [] : [value.trim()]
  })
  return words(unquote(values.at(-1) ?? ''))
}

/** The quotes around the whole. */
function unquote(value: string): string {
  return /^(["'])(.*)\1$/.exec(value)?.[2] ?? value
}

function words(text: string): string[] {
  return [...text.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)].map(([word]) =>
    word.replaceAll(
      /"([^"]*)"|'([^']*)'/g,
      (_, double: string | undefined, single: string | undefined) => double ?? single ?? '',
    ),
  )
}
