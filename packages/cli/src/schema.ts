/** What protocol's schemas offer any reader, whichever library made them (standardschema.dev). */
export interface Schema<Output = unknown> {
  readonly '~standard': { validate(value: unknown): Judgement<Output> | Promise<Judgement<Output>> }
}

type Judgement<Output> = { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly Issue[] }

interface Issue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** The type a schema's values have once they are judged. */
export type OutputOf<S> = S extends Schema<infer Output> ? Output : never

/** Judges a value: the value as the schema types it, or where and why it does not fit. */
export async function readWith<Output>(schema: Schema<Output>, value: unknown): Promise<{ value: Output } | { refused: string }> {
  const judgement = await schema['~standard'].validate(value)
  if (judgement.issues === undefined) return { value: judgement.value }
  const [issue] = judgement.issues
  return { refused: issue === undefined ? 'it does not fit' : describe(issue) }
}

function describe(issue: Issue): string {
  const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
  return path === '' ? issue.message : `${path}: ${issue.message}`
}
