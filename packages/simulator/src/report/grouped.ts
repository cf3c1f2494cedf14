/** `1,204`. */
export const grouped = (count: number): string => count.toLocaleString('en-US')
