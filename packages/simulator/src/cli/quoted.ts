/** A word as a shell takes it for one: what is printed to be typed again may hold a folder with a space in its name. */
export const quoted = (word: string): string =>
  /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
