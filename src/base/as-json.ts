/** Types as JSON carries them. */

/**
 * A type as it goes over the wire: times are texts, and nothing of it is written to. With `satisfies`, an object that we build
 * is held to somebody's model of it, field by field, at no cost when it runs.
 */
export type AsJson<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? readonly AsJson<Item>[]
    : T extends object
      ? { readonly [Field in keyof T]: AsJson<T[Field]> }
      : T;
