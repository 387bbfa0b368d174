/** Does something that needs the token, and asks for it first where it is not known. What goes wrong is told on the page. */
export type WithToken = (work: () => Promise<void>) => Promise<void>
