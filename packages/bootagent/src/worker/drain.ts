/** Takes everything that is still to come, for what taking it proves. */
export async function drain(pieces: AsyncIterable<Buffer>): Promise<void> {
  const rest = pieces[Symbol.asyncIterator]()
  while ((await rest.next()).done !== true);
}
