/** Rules as text. Not Lit's: that would tie this chunk to the entry. */
export const css = String.raw;
