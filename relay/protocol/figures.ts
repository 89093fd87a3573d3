/** Numbers on the wire: counts and times. */
import * as v from 'valibot';

/** How many of something. */
export const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** A time; fractions are allowed. */
export const milliseconds = v.pipe(v.number(), v.minValue(0));

/** A version of this protocol. */
export const protocolVersion = v.pipe(v.number(), v.integer(), v.minValue(1));
