/** The header in which answers tell the virtual time, in milliseconds since the epoch. */
export const nowHeader = 'x-virtual-now'
