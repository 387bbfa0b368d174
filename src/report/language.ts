/** What the sentences of a language need beside their catalogue. */
export interface Grammar {
  /** The word between the last two of a list. */
  readonly and: string
  /** Is this number grammatically singular? */
  readonly singular: (count: number) => boolean
  /** What stands between a number's whole and its fraction. */
  readonly decimal: string
  /** A moment in UTC for people; `monthIndex` counts from 0. */
  readonly time: (moment: Moment) => string
  /** The language's own spaces, put into a sentence before it is filled. */
  readonly typeset: (template: string) => string
}

export interface Moment {
  readonly year: number
  readonly monthIndex: number
  readonly day: number
  readonly hour: number
  /** Two digits. */
  readonly minute: string
}
