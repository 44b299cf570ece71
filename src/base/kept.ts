/** Compile-time questions about two types: what is written, and what is kept of it. */

/** `Written`, where `Kept` takes it; an error in the line that asks where it does not. */
export type Fits<Written extends Kept, Kept> = Written;

/** Nothing: an error in the line that asks, with the paths in its text, when there is something. */
export type Nothing<Paths extends never> = Paths;

/**
 * Paths of `Written` that `Kept` does not list, such as `status.plan.budget`; never when it lists all. What is kept as
 * it comes, a map, is not walked.
 */
export type Unkept<Written, Kept, Path extends string> = Written extends readonly (infer Item)[]
  ? Kept extends readonly (infer KeptItem)[]
    ? Unkept<Item, KeptItem, `${Path}[]`>
    : Path
  : Written extends object
    ? string extends keyof Kept
      ? never
      : UnkeptField<Written, Kept, Path>
    : never;

type UnkeptField<Written, Kept, Path extends string> = {
  readonly [Name in keyof Written & string]-?: Name extends keyof Kept
    ? Unkept<NonNullable<Written[Name]>, NonNullable<Kept[Name]>, `${Path}.${Name}`>
    : `${Path}.${Name}`;
}[keyof Written & string];
