import * as v from 'valibot'

/** Names a host for ever: 1 to 64 of letters, digits, `.` `_` `:` `-` (seed 001: a UUID). Two hosts never share one. */
export const Agentsn = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/, 'agentsn: 1 to 64 letters, digits, . _ : -'),
)

/** Names a job, given by the server: 1 to 127 visible ASCII characters. It may repeat: see {@link jobKey}. */
export const JobId = v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,127}$/, 'id: 1 to 127 visible ASCII characters'))

/** Names an agent on a host; it becomes a directory, hence no dot and no slash: 1 to 50 of letters, digits, `_` `-`. */
export const AgentName = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,49}$/, 'name: 1 to 50 letters, digits, _ or -, and a letter or digit first'),
  // Names are keys of objects on both sides; `constructor` and its like are there before anyone puts them.
  v.check(
    (name) => !(name in Object.prototype) && name !== 'prototype',
    'name: that word is taken by the language this is written in',
  ),
)

/** A version as a person writes it; it becomes part of a directory's name: 1 to 64 characters. */
export const Version = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9][A-Za-z0-9.+~_-]{0,63}$/, 'version: 1 to 64 letters, digits, . + ~ _ -, and a letter or digit first'),
)

/** `svc=ecs,cmpt=DB`: what the server knows a host by besides its name (seed 001); at most 1,024 characters, may be empty. */
export const Tags = v.pipe(
  v.string(),
  v.regex(/^([A-Za-z0-9_@#.-]+=[A-Za-z0-9_@#.-]*(,|$))*$/, 'tags: key=value, separated by commas'),
  v.maxLength(1024),
)

/** The name BootAgent answers to in jobs about itself; no agent may take it. */
export const OWN_NAME = 'BootAgent'

/** What a job is known by: the seed's own example gives one id to two jobs, so the id alone is not enough. */
export function jobKey(job: { id: string; action: string; name?: string | undefined }): string {
  return [job.id, job.action, job.name ?? ''].join(' ')
}

/** `svc=ecs,cmpt=DB` as a map; a repeated key keeps its last value. */
export function parseTags(tags: string): ReadonlyMap<string, string> {
  const pairs = tags.split(',').filter((pair) => pair !== '')
  return new Map(pairs.map(readPair))
}

/** True when every `key=value` of the selector is among the tags; an empty selector selects every host. */
export function tagsMatch(selector: string, tags: string): boolean {
  const present = parseTags(tags)
  return [...parseTags(selector)].every(([key, value]) => present.get(key) === value)
}

/** A key alone has an empty value: what an operator types as a selector need not have been through {@link Tags}. */
function readPair(pair: string): [key: string, value: string] {
  const [key = '', ...values] = pair.split('=')
  return [key, values.join('=')]
}
