/** The member of a union with the given tag. */
export type OfType<M extends { type: string }, T extends M['type']> = Extract<M, { type: T }>;
