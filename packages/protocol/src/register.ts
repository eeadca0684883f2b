import * as v from 'valibot'
import { Agentsn, Tags } from './ids.ts'

/** The operating system and processor a host runs on, in Node's words (`linux`, `x64`, `arm64`). */
export const Platform = v.object({ os: v.pipe(v.string(), v.maxLength(32)), arch: v.pipe(v.string(), v.maxLength(32)) })
export type Platform = v.InferOutput<typeof Platform>

/** Host ▸ server, `POST /agent/register` (seed 001, 启动注册接口). */
export const RegisterRequest = v.object({
  hostname: v.pipe(v.string(), v.minLength(1), v.maxLength(255)),
  agentsn: Agentsn,
  /** Ours: a fingerprint of the machine, so that the server can tell a repeat from a clone. */
  machine: v.optional(v.pipe(v.string(), v.maxLength(128))),
  /** Ours: `bootagent-1.2.4-x86_64`. */
  version: v.optional(v.pipe(v.string(), v.maxLength(128))),
  /** Ours. */
  platform: v.optional(Platform),
})
export type RegisterRequest = v.InferOutput<typeof RegisterRequest>

/** Server ▸ host. `status` 0 accepts; another `agentsn` replaces the host's own; absent or empty keeps it. */
export const RegisterReply = v.object({
  status: v.pipe(v.number(), v.integer()),
  agentsn: v.nullish(v.union([v.literal(''), Agentsn])),
  tags: v.nullish(Tags),
})
export type RegisterReply = v.InferOutput<typeof RegisterReply>
