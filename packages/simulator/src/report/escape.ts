/** Text as it may stand in HTML and SVG, in elements and in quoted attributes. */

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Safe between tags and inside quotes. Characters that XML forbids are dropped. */
export const escapeText = (text: string): string =>
  (isClean(text)
    ? text
    : Array.from(text)
        .filter((character) => isAllowed(character.charCodeAt(0)))
        .join('')
  ).replace(/[&<>"']/g, (character) => entities[character] ?? '')

/** No control characters but tab, line feed and carriage return, and no non-characters. */
const isAllowed = (code: number): boolean =>
  (code >= 0x20 && code < 0xfffe) || code === 0x09 || code === 0x0a || code === 0x0d

const isClean = (text: string): boolean => {
  for (let i = 0; i < text.length; i++) if (!isAllowed(text.charCodeAt(i))) return false
  return true
}
