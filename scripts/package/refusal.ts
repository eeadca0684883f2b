/** What was asked for cannot be packaged; the message says what to do. */
export class Refusal extends Error {}
