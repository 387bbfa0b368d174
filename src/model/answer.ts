/** Every question to the world has three answers. `unknown` is an answer, not a failure. */
export type Answer = 'yes' | 'no' | 'unknown'
