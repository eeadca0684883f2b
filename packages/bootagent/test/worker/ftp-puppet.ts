import { createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { BYTES } from './fetching.ts'
import { listen } from './servers.ts'

/** How a puppet departs from an honest server; each answer replaces its own. */
export interface FtpLines {
  /** By command: the reply, or nothing at all. */
  readonly replies?: Readonly<Record<string, string | undefined>>
  /** What it does on the data connection in place of sending the bytes from `from` on. */
  readonly send?: (data: Socket, from: number) => void
  /** What follows on the control connection when the data have gone. */
  readonly afterwards?: string
}

/** An FTP server that can be told to misbehave: its port, and every line that it was sent. */
export async function startFtpPuppet(lines: FtpLines = {}): Promise<{ port: number; heard: string[] }> {
  const heard: string[] = []
  const port = await listen(createServer((control) => void serve(control, lines, heard)))
  return { port, heard }
}

async function serve(control: Socket, { replies = {}, send, afterwards }: FtpLines, heard: string[]): Promise<void> {
  const say = (line: string) => control.writable && control.write(`${line}\r\n`)
  control.on('error', () => undefined)
  const connected = Promise.withResolvers<Socket>()
  const dataPort = await listen(createServer((data) => connected.resolve(data.on('error', () => undefined))))
  let from = 0

  const honest: Readonly<Record<string, (argument: string) => string | undefined>> = {
    USER: () => '331 who are you',
    PASS: () => '230 come in',
    TYPE: () => '200 binary',
    SIZE: () => `213 ${BYTES.length}`,
    MDTM: () => '213 20260102030405',
    EPSV: () => `229 there (|||${dataPort}|)`,
    REST: (argument) => {
      from = Number(argument)
      return '350 from there'
    },
    RETR: () => {
      void connected.promise.then((data) => {
        if (send === undefined) data.end(BYTES.subarray(from))
        else send(data, from)
        data.once('close', () => say(afterwards ?? '226 that was it'))
      })
      return '150 here it comes'
    },
  }

  say('220 ready')
  // It passes on what its input fails with.
  const commands = createInterface({ input: control }).on('error', () => undefined)
  commands.on('line', (line) => {
    heard.push(line)
    const command = line.split(' ', 1).join()
    const argument = line.slice(command.length + 1)
    const reply = command in replies ? replies[command] : (honest[command]?.(argument) ?? `502 ${command} is not known`)
    if (reply !== undefined) say(reply)
  })
}
