/** Bars of one figure, smaller being better. */
export interface Panel {
  readonly title: string
  readonly bars: readonly { readonly name: string; readonly value: number; readonly text: string }[]
}

const WIDTH = 760
const NAMES = 150
const ROOM_FOR_TEXT = 90
const LINE = 20
const HEAD = 34

/** Panels below each other as one SVG; it brings its own background, so that it can be read on any page. */
export function barChart(title: string, panels: readonly Panel[]): string {
  const heights = panels.map(({ bars }) => HEAD + bars.length * LINE + 8)
  const tops = heights.map((_, index) => 44 + heights.slice(0, index).reduce((sum, each) => sum + each, 0))
  const height = 44 + heights.reduce((sum, each) => sum + each, 0) + 8
  const drawn = panels.map((panel, index) => drawPanel(panel, tops[index] ?? 0))
  return `${openSvg(WIDTH, height)}<text x="16" y="28" font-size="16" font-weight="bold">${escapeXml(title)}</text>\n${drawn.join('')}</svg>\n`
}

function drawPanel({ title, bars }: Panel, top: number): string {
  const most = Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE)
  const rows = bars.map(({ name, value, text }, index) => {
    const y = top + HEAD + index * LINE
    const width = Math.max(1, (value / most) * (WIDTH - NAMES - ROOM_FOR_TEXT))
    const colour = name.startsWith('BootAgent') ? '#2563eb' : '#9ca3af'
    return (
      `<text x="${NAMES - 8}" y="${y + 10}" text-anchor="end">${escapeXml(name)}</text>` +
      `<rect x="${NAMES}" y="${y}" width="${width.toFixed(1)}" height="13" rx="2" fill="${colour}"/>` +
      `<text x="${(NAMES + width + 6).toFixed(1)}" y="${y + 10}">${escapeXml(text)}</text>\n`
    )
  })
  return `<text x="16" y="${top + 20}" font-weight="bold">${escapeXml(title)}</text>\n${rows.join('')}`
}

/** The beginning of every picture. */
export function openSvg(width: number, height: number): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `font-family="system-ui, sans-serif" font-size="12" fill="#111827">\n` +
    `<rect width="${width}" height="${height}" fill="#ffffff"/>\n`
  )
}

export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
