import type { ServerResponse } from 'node:http'

/** How a scripted server answers one request. */
export type Answer = (response: ServerResponse) => void

/** A whole answer of one JSON value. */
export function json(value: unknown): Answer {
  return verbatim(JSON.stringify(value))
}

/** A whole answer of just these bytes. */
export function verbatim(text: string, status = 200, type = 'application/json'): Answer {
  return (response) => response.writeHead(status, { 'content-type': type }).end(text)
}

/** What a server has to say that has nothing to say. */
export const NOTHING = json({ status: 0, jobs: [] })

/** One way of giving no answer: several that a BootAgent must take alike, each under its name. */
export interface NoAnswer {
  /** Begins the sentence that goes on with what follows from it. */
  readonly says: string
  readonly answers: Readonly<Record<string, Answer>>
}

const GOOD = '{"status": 0, "jobs": []}'
const PAGE = '<!doctype html><title>Welcome</title><p>Please log in to this network.'

/** Answers that do not count. Each would be good but for one thing. */
export const NO_ANSWERS: Readonly<Record<string, NoAnswer>> = {
  cut: {
    says: 'With a connection that is cut before the answer is whole',
    answers: {
      'not a byte': (response) => response.socket?.destroy(),
      'half of the length announced'(response) {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': GOOD.length })
        response.write(GOOD.slice(0, 12), () => response.socket?.destroy())
      },
      // All of the JSON is there, only the end of the stream is not: nobody can know that nothing more was to come.
      'a stream without its end'(response) {
        response.writeHead(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' })
        response.write(GOOD, () => response.socket?.destroy())
      },
    },
  },
  garbage: {
    says: 'With something else than a reply for an answer, like the login page of a network',
    answers: {
      'a page': verbatim(PAGE, 200, 'text/html'),
      nothing: verbatim(''),
      'JSON of another shape': verbatim('{"status": "fine", "jobs": 7}'),
    },
  },
  status: {
    says: 'With another HTTP status than 2xx, whatever the body says',
    answers: {
      '500': verbatim(GOOD, 500),
      '302': (response) =>
        response.writeHead(302, { location: '/agent/elsewhere', 'content-type': 'application/json' }).end(GOOD),
    },
  },
  huge: {
    says: 'With an answer of more than 1 MB',
    answers: { '1 MB and more': verbatim(`{"status": 0, "jobs": [], "future": "${'x'.repeat(1024 * 1024)}"}`) },
  },
  hang: {
    says: 'With silence on an open connection',
    answers: { silence: () => undefined },
  },
}
