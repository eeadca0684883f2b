/**
 * The seed's way of writing JSON made plain: a `#` comment goes with the blanks before it, then a comma that closes a list or
 * object goes; both only outside strings (`"192.168.9.1:1234,"` keeps its comma). Nothing else changes.
 */
export function plainJson(seed: string): string {
  const uncommented = seed.replace(/("(?:[^"\\]|\\.)*")|[ \t]*#.*$/gm, (_, text?: string) => text ?? '')
  return uncommented.replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_, text?: string) => text ?? '')
}
