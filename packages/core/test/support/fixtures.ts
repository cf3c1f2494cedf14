import { readFileSync } from 'node:fs'

export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }

/** A payload as AWS sends it, read anew each time, so that no test sees what another did to it. */
export const fixture = (name: string): { readonly [key: string]: Json } =>
  JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8')) as { [key: string]: Json }

/** The same document with other fields in its `detail`. */
export const withDetail = (name: string, detail: object): object => {
  const document = fixture(name)
  return { ...document, detail: { ...(document['detail'] as object), ...detail } }
}
