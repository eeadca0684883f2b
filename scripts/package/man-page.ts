import { lexer, type Token, type Tokens } from 'marked'

/** What stands at the head of a manual page. */
export interface ManHead {
  readonly program: string
  readonly section: number
  /** One line without a full stop, for `whatis`. */
  readonly does: string
  /** Product and version, at the foot. */
  readonly source: string
  /** Seconds since 1970. */
  readonly epoch: number
  /** Other pages, as `name(8)`. */
  readonly seeAlso: readonly string[]
}

/**
 * Makes a manual page in man(7) of a page in Markdown. Tables become lists: the first cell is the term, the others follow it, by the names of
 * their columns from the third on. Links keep their text, and their address when it is of the web.
 */
export function manPage(markdown: string, { program, section, does, source, epoch, seeAlso }: ManHead): string {
  const date = new Date(epoch * 1000).toISOString().slice(0, 10)
  const lines = [
    `.TH ${program.toUpperCase()} ${section} ${date} "${source}"`,
    '.nh',
    '.ad l',
    '.SH NAME',
    `${program} \\- ${escape(does)}`,
    ...lexer(markdown).flatMap((token) => block(token)),
    '.SH SEE ALSO',
    seeAlso.map((page) => `\\fB${page.replace('(', '\\fR(')}`).join(', '),
  ]
  return `${lines.join('\n')}\n`
}

function block(token: Token): string[] {
  switch (token.type) {
    case 'heading':
      return heading(token as Tokens.Heading)
    case 'paragraph':
      return ['.PP', ...text(token as Tokens.Paragraph)]
    case 'code':
      return ['.PP', '.RS 4', '.EX', ...(token as Tokens.Code).text.split('\n').map((line) => code(line)), '.EE', '.RE']
    case 'list':
      return list(token as Tokens.List)
    case 'table':
      return table(token as Tokens.Table)
    case 'space':
      return []
    default:
      throw new Error(`a manual page cannot show this yet (${token.type}): ${token.raw.slice(0, 60)}`)
  }
}

/** The first heading is the page's name, which man prints anyway. */
function heading({ depth, tokens }: Tokens.Heading): string[] {
  if (depth === 1) return []
  const title = tokens.map((token) => inline(token)).join('')
  return [depth === 2 ? `.SH ${plain(title).toUpperCase()}` : `.SS ${title}`]
}

function list({ items, ordered, start }: Tokens.List): string[] {
  return items.flatMap((item, index) => {
    const mark = ordered ? `${Number(start) + index}.` : '\\(bu'
    const [first, ...rest] = item.tokens.flatMap((token) => (token.type === 'text' ? text(token as Tokens.Text) : block(token)))
    return [`.IP ${mark} 4`, ...(first === undefined ? [] : [first]), ...rest]
  })
}

function table({ header, rows }: Tokens.Table): string[] {
  return rows.flatMap(([term, meaning, ...others]) => {
    const more = others.flatMap((cell, index) => named(cell, header[index + 2]?.text ?? ''))
    return ['.TP', `\\fB${plain(cellText(term))}\\fR`, [cellText(meaning), ...more].filter((part) => part !== '').join('; ')]
  })
}

function named(cell: Tokens.TableCell, name: string): string[] {
  const said = cellText(cell)
  if (said === '') return []
  return [name === '' ? said : `${escape(name)}: ${said}`]
}

function cellText(cell: Tokens.TableCell | undefined): string {
  return guarded((cell?.tokens ?? []).map((token) => inline(token)).join(''))
}

function text({ tokens, text: raw }: { tokens?: Token[] | undefined; text: string }): string[] {
  const whole = tokens === undefined ? escape(raw) : tokens.map((token) => inline(token)).join('')
  return whole.split('\n').map((line) => guarded(line.trim()))
}

function inline(token: Token): string {
  switch (token.type) {
    case 'strong':
      return `\\fB${inside(token)}\\fR`
    case 'em':
      return `\\fI${inside(token)}\\fR`
    case 'codespan':
      return `\\fB${dashes(escape((token as Tokens.Codespan).text))}\\fR`
    case 'link':
      return link(token as Tokens.Link)
    case 'text':
    case 'escape':
      return escape((token as Tokens.Text).text)
    default:
      throw new Error(`a manual page cannot show this yet (${token.type}): ${token.raw.slice(0, 60)}`)
  }
}

function inside(token: Token): string {
  return ((token as Tokens.Generic).tokens ?? []).map((each) => inline(each)).join('')
}

function link(token: Tokens.Link): string {
  const said = inside(token)
  return /^https?:/.test(token.href) && token.href !== token.text ? `${said} (${escape(token.href)})` : said
}

function code(line: string): string {
  return guarded(dashes(escape(line)))
}

/** A hyphen that somebody may copy into a command must stay one. */
function dashes(line: string): string {
  return line.replaceAll('-', '\\-')
}

/** A line that begins so would be a request. */
function guarded(line: string): string {
  return /^[.']/.test(line) ? `\\&${line}` : line
}

/** Without fonts, where one is set already. */
function plain(line: string): string {
  return line.replaceAll(/\\f[BIR]/g, '')
}

function escape(line: string): string {
  return line
    .replaceAll('\\', '\\e')
    .replaceAll(/[^\n\x20-\x7e]/gu, (sign) => `\\[u${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`)
}
