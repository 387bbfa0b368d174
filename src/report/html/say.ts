import type { pageEn } from '../messages/page-en.ts'

/** The sentences that are drawn, in one language: those of the page alone, as a browser has no others. */
export type Say = (id: PageId | `${PagePart}.${string}`, params?: Readonly<Record<string, string | number>>) => string

export type PageId = keyof typeof pageEn
/** Before the point, where the rest is filled in. */
type PagePart = 'stage' | 'state' | 'answer' | 'family' | 'certainty' | 'caveat' | 'progress' | 'page' | 'heading'
