import { escapeXml, openSvg } from './bar-chart.ts'

/** One figure over what went on; drawn from zero, so that flat looks flat. */
export interface Curve {
  readonly title: string
  /** In the order of x. */
  readonly points: readonly { readonly x: number; readonly y: number }[]
  readonly show: (y: number) => string
}

const WIDTH = 760
const LEFT = 70
const RIGHT = 20
const HEIGHT = 120
const GAP = 44

/** Curves below each other, over one x axis, as one SVG. */
export function linePlot(title: string, xTitle: string, curves: readonly Curve[]): string {
  const lastX = Math.max(1, ...curves.flatMap(({ points }) => points.map(({ x }) => x)))
  const height = 50 + curves.length * (HEIGHT + GAP) + 24
  const drawn = curves.map((curve, index) => drawCurve(curve, { lastX, top: 66 + index * (HEIGHT + GAP) }))
  const heading = `<text x="16" y="28" font-size="16" font-weight="bold">${escapeXml(title)}</text>\n`
  const foot = `<text x="${WIDTH / 2}" y="${height - 8}" text-anchor="middle">${escapeXml(xTitle)}, 0 to ${Math.ceil(lastX)}</text>\n`
  return `${openSvg(WIDTH, height)}${heading}${drawn.join('')}${foot}</svg>\n`
}

function drawCurve({ title, points, show }: Curve, { lastX, top }: { lastX: number; top: number }): string {
  const most = Math.max(...points.map(({ y }) => y), Number.MIN_VALUE) * 1.1
  const path = points.map(({ x, y }) => {
    const across = LEFT + (x / lastX) * (WIDTH - LEFT - RIGHT)
    return `${across.toFixed(1)},${(top + HEIGHT - (y / most) * HEIGHT).toFixed(1)}`
  })
  const last = points.at(-1)?.y ?? 0
  return (
    `<text x="16" y="${top - 10}" font-weight="bold">${escapeXml(title)}</text>\n` +
    `<line x1="${LEFT}" y1="${top + HEIGHT}" x2="${WIDTH - RIGHT}" y2="${top + HEIGHT}" stroke="#9ca3af"/>` +
    `<line x1="${LEFT}" y1="${top}" x2="${LEFT}" y2="${top + HEIGHT}" stroke="#9ca3af"/>\n` +
    `<text x="${LEFT - 6}" y="${top + HEIGHT}" text-anchor="end">0</text>` +
    `<text x="${LEFT - 6}" y="${(top + HEIGHT - (last / most) * HEIGHT + 4).toFixed(1)}" text-anchor="end">${escapeXml(show(last))}</text>\n` +
    `<polyline points="${path.join(' ')}" fill="none" stroke="#2563eb" stroke-width="2"/>\n`
  )
}
