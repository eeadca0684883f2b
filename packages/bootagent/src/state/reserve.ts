/** Kept free on the disk of the home for the metafile and the agents' own needs, in bytes. */
export const RESERVE = 32 * 1024 ** 2
