/**
 * A number in [0, 1) that depends on the instance and the attempt alone: what began together is not done together, and core
 * throws no dice.
 */
export const spreadOf = (instance: string, attempts: number): number => {
  let hash = attempts + 1
  for (let index = 0; index < instance.length; index += 1) hash = (Math.imul(hash, 31) + instance.charCodeAt(index)) | 0
  // Ids that differ in their last digits alone must not stay neighbours (MurmurHash3's last step).
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 8) / 2 ** 24
}
