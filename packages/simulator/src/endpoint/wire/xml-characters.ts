/** Characters that XML 1.0 has a place for, however they are written; SQS takes no others in a body (AWS: SendMessage). */
const isXmlCharacter = (code: number): boolean =>
  code >= 0x20 ? code !== 0xfffe && code !== 0xffff : code === 0x09 || code === 0x0a || code === 0x0d

export const isXmlText = (text: string): boolean => {
  for (let at = 0; at < text.length; at += 1) if (!isXmlCharacter(text.charCodeAt(at))) return false
  return true
}

/** The text with a mark in the place of each character that cannot be. */
export const asXmlText = (text: string): string =>
  isXmlText(text) ? text : Array.from(text, (character) => (isXmlText(character) ? character : '\ufffd')).join('')
