/**
 * Chance by key: four integers in, 32 bits out, the same on every machine. Nothing is ever drawn from a stream, so a
 * draw that is no longer made changes nobody else's luck.
 *
 * The mixing steps are those of MurmurHash3 (Austin Appleby, public domain).
 */
export const mix32 = (seed: number, site: number, key: number, n: number): number => {
  let hash = seed | 0
  hash = stir(hash, site)
  hash = stir(hash, key)
  hash = stir(hash, n)
  hash ^= hash >>> 16
  hash = Math.imul(hash, 0x85ebca6b)
  hash ^= hash >>> 13
  hash = Math.imul(hash, 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

const stir = (hash: number, word: number): number => {
  const scrambled = Math.imul(word, 0xcc9e2d51)
  const mixed = hash ^ Math.imul((scrambled << 15) | (scrambled >>> 17), 0x1b873593)
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0
}
