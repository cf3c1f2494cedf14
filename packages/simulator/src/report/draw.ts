/** From a Vega-Lite specification to SVG text, on the server: no page, no script in the report. */
import type { TopLevelSpec } from 'vega-lite'

/** A Vega-Lite specification as plain data. */
export type Spec = Readonly<Record<string, unknown>>

/** Draws a specification. `id` keeps this drawing's clip paths apart from those of others in the same document. */
export const draw = async (spec: Spec, id: string): Promise<string> => {
  // Loaded when first drawn with: they are large, and most runs draw nothing.
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')])
  const compiled = vegaLite.compile(spec as unknown as TopLevelSpec)
  vega.resetSVGDefIds()
  const view = new vega.View(vega.parse(compiled.spec), { renderer: 'none', logLevel: vega.Error })
  try {
    await view.runAsync()
    return tidy(await view.toSVG(), id)
  } finally {
    view.finalize()
  }
}

/**
 * Vega describes each mark for screen readers and gives no hover text; inside a picture (`role="img"`) only the hover
 * text is of use. A tenth of a pixel is as fine as anybody sees, and a third of the bytes. What stands between tags is
 * somebody's words, and stays as it is: in an attribute `>` is escaped, so a tag ends at the first one.
 */
const tidy = (svg: string, id: string): string =>
  svg
    .replace(/<(\w+) aria-label="([^"]*)" role="graphics-symbol" aria-roledescription="[^"]*"([^>]*)\/>/g, titled)
    .replace(/<[^>]+>/g, (tag) => tidyTag(tag, id))
    .replace(/<path [^>]*display="none"\/>/g, '')
    .replace(/<path d="M0,0h[\d.]+v[\d.]+h-?[\d.]+Z"\/>/g, '')

const tidyTag = (tag: string, id: string): string =>
  tag
    .replace(/ (?:role|aria-roledescription|aria-label|aria-hidden|class|pointer-events|font-family)="[^"]*"/g, '')
    .replace(/ (?:opacity="1"|text-anchor="start"|font-weight="(?:400|normal)"|stroke-miterlimit="4")/g, '')
    .replace(/ (d|transform|x|y|x1|x2|y1|y2|width|height|stroke-width)="([^"]*\.\d\d[^"]*)"/g, rounded)
    .replace(/(id="|url\(#)(clip\d+|gradient_\d+)/g, `$1${id}-$2`)

// What says nothing has the description "null".
const titled = (_: string, tag: string, title: string, attributes: string): string =>
  title === 'null' ? `<${tag}${attributes}/>` : `<${tag}${attributes}><title>${title}</title></${tag}>`

const rounded = (_: string, name: string, value: string): string =>
  ` ${name}="${value.replace(/-?\d*\.\d\d+/g, (number) => String(Math.round(Number(number) * 10) / 10))}"`
