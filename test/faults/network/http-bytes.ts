/** What a message about hosts says; of its fields only those are read that tell one exchange from another. */
interface Message extends Record<string, unknown> {
  jobs?: readonly unknown[]
}

/** Whether these are the bytes of a whole HTTP message: of one with a length, as both sides send them, or of a GET. */
export function isWhole(bytes: Buffer): boolean {
  const { head, body } = split(bytes)
  if (head.startsWith('GET ')) return true
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1]
  return length !== undefined && body.length >= Number(length)
}

/** The message's JSON; an empty object when it has none that can be read. */
export function jsonIn(bytes: Buffer): Message {
  try {
    return JSON.parse(split(bytes).body.toString('utf8')) as Message
  } catch (error) {
    if (error instanceof SyntaxError) return {}
    throw error
  }
}

/** The message with other JSON in it, and the length that belongs to that. */
export function withJson(bytes: Buffer, change: (json: Message) => Message): Buffer {
  const body = Buffer.from(JSON.stringify(change(jsonIn(bytes))))
  const head = split(bytes).head.replace(/(\r\ncontent-length: )\d+/i, `$1${body.length}`)
  return Buffer.concat([Buffer.from(head, 'latin1'), body])
}

function split(bytes: Buffer): { head: string; body: Buffer } {
  const at = bytes.indexOf('\r\n\r\n')
  if (at < 0) return { head: '', body: Buffer.alloc(0) }
  return { head: bytes.subarray(0, at + 4).toString('latin1'), body: bytes.subarray(at + 4) }
}
