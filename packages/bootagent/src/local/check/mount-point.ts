/**
 * The mount a path is in, by the kernel's list (proc(5), mountinfo): a rename fails between any two mounts, also where both show the
 * same disk, which the number of a device cannot tell. The path is without links.
 */
export function mountPointOf(mountinfo: string, path: string): string {
  const points = mountinfo.split('\n').map((line) => unescape(line.split(' ')[4] ?? ''))
  const holding = points.filter((point) => point === '/' || path === point || path.startsWith(`${point}/`))
  return holding.reduce((longest, point) => (point.length > longest.length ? point : longest), '/')
}

/** Blanks, tabs, line ends and backslashes are written as `\040`. */
function unescape(text: string): string {
  const bytes = text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
  return bytes
}
