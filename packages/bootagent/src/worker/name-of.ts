/** A url may carry a name and a password, and a signed one its right in the query: neither is for a message. */
export function nameOf(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`.slice(0, 200)
}
