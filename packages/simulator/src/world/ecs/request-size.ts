/** How many things a request to ECS names (AWS: API reference of each operation). */

export const describedMost = 100
export const updatedMost = 10

/** In AWS's words what is wrong with such a list; null: nothing. */
export const wrongCount = (what: string, { length }: ReadonlyArray<unknown>, most: number): string | null => {
  if (length === 0) return `${what} cannot be empty.`
  return length > most ? `${what} cannot have more than ${most} elements, not ${length}.` : null
}
