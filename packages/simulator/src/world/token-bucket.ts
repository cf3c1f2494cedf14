/** A bucket of tokens that is filled at a steady rate and never above its size. */
export interface TokenBucket {
  take(): boolean
}

/** Counted in thousandths of a token, so that a millisecond's refill is a whole number. */
export const createTokenBucket = (
  clock: { readonly now: number },
  size: number,
  refillPerSecond: number,
): TokenBucket => {
  const full = Math.round(size) * 1000
  const perMs = Math.round(refillPerSecond)
  let thousandths = full
  let at = 0
  return {
    take: () => {
      thousandths = Math.min(full, thousandths + (clock.now - at) * perMs)
      at = clock.now
      if (thousandths < 1000) return false
      thousandths -= 1000
      return true
    },
  }
}
