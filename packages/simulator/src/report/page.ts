/** The frame of a self-contained page: no network, no script, light and dark. */
import { escapeText } from './escape.ts'
import { styleSheet } from './style-sheet.ts'

/** A whole document around the lines of its body. */
export const page = (title: string, body: ReadonlyArray<string>): string =>
  [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>${escapeText(title)}</title>`,
    `<style>${styleSheet}</style>`,
    '</head>',
    '<body>',
    ...body,
    '</body>',
    '</html>',
    '',
  ].join('\n')
