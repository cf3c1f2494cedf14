/** How many things a request to ECS names (AWS: API reference of each operation). */

export const describedMost = 100
export const updatedMost = 10

/** What is listed, as ECS says where a list is empty and where it is too long (github.com/traefik/traefik/issues/3625 and others). */
const names = { 'Container instances': 'instanceIds', Tasks: 'taskIds', Services: 'service names' } as const

export type Listed = keyof typeof names

/** In AWS's words what is wrong with such a list; null: nothing. */
export const wrongCount = (what: Listed, { length }: ReadonlyArray<unknown>, most: number): string | null => {
  if (length === 0) return `${what} cannot be empty.`
  return length > most ? `${names[what]} can have at most ${most} items.` : null
}
