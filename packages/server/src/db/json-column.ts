/** What a JSON column holds. The type is the writer's word: only this server writes them, after a schema has accepted the value. */
export function fromJson<T>(text: string): T
export function fromJson<T>(text: string | null): T | undefined
export function fromJson<T>(text: string | null): T | undefined {
  return text === null ? undefined : (JSON.parse(text) as T)
}

/** A value for a JSON column; undefined becomes null. */
export function toJson(value: {}): string
export function toJson(value: {} | undefined): string | null
export function toJson(value: {} | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value)
}
