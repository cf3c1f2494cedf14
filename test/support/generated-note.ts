/** Stands at the head of every page that is made from the code. */
export const generatedNote =
  '<!-- Made from the code by test/documentation.test.ts, and compared by it. With UPDATE_DOCS=1 it writes this page anew. -->'
