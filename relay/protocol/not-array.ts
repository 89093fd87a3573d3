/** Objects that are not lists. */
import type * as v from 'valibot';

/**
 * Refuses arrays where every field of an object is optional: to valibot an empty array is such an object,
 * to JSON Schema and Python it is not.
 */
export function notArray<S extends v.GenericSchema>(schema: S): S {
  return {
    ...schema,
    '~run'(dataset, config) {
      return schema['~run'](Array.isArray(dataset.value) ? { ...dataset, value: 'a list' } : dataset, config);
    },
  };
}
