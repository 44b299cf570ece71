/** One flag: its names, its words for people, and how its text becomes a value. */

/** What a flag's text came to. `want` and `hint` end up in the error. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly want: string; readonly hint?: string };

/** What people read about a flag. */
interface FlagWords {
  /** Long name without the dashes. */
  readonly name: string;
  /** One letter without the dash. */
  readonly short?: string;
  /** What the value stands for in usage lines. */
  readonly placeholder?: string;
  /** One sentence, no full stop. */
  readonly help: string;
}

/** A flag whose value is a `T`. The environment twin is `envName(flag)`. */
export interface Flag<T> extends FlagWords {
  /** `switch` needs no value, `many` may be repeated. */
  readonly arity: "one" | "switch" | "many";
  /** Value when nobody gave one. */
  readonly fallback: T;
  /** `fallback` in words, or null where the absence of a value needs none. */
  readonly defaultText: string | null;
  /** One text for `one` and `switch`, all of them in order for `many`. */
  readonly parse: (texts: readonly string[]) => Parsed<T>;
}

/** Takes the value of a flag from wherever it was given. */
export type Take = <T>(flag: Flag<T>) => T;

/** Name of the environment variable that means the same as the flag. */
export function envName(flag: Pick<Flag<unknown>, "name">): string {
  return `TIDEKEEPER_${flag.name.toUpperCase().replaceAll("-", "_")}`;
}

/** A flag that takes one value. */
export function oneValue<T>(
  words: FlagWords & { readonly fallback: T; readonly defaultText: string | null },
  parse: (text: string) => Parsed<T>,
): Flag<T> {
  return { ...words, arity: "one", parse: (texts) => parse(texts.at(-1) ?? "") };
}

/** A flag that takes any value but an empty one. */
export function text(words: FlagWords, pattern?: { readonly is: RegExp; readonly want: string }): Flag<string | null> {
  return oneValue<string | null>({ ...words, fallback: null, defaultText: null }, (value) => {
    if (value === "") return { ok: false, want: pattern?.want ?? "a value" };
    if (pattern !== undefined && !pattern.is.test(value)) return { ok: false, want: pattern.want };
    return { ok: true, value };
  });
}

/** A flag that is on or off. */
export function onOff(words: FlagWords & { readonly fallback: boolean }): Flag<boolean> {
  return {
    ...words,
    arity: "switch",
    defaultText: String(words.fallback),
    parse(texts) {
      const value = texts.at(-1);
      if (value === "true" || value === "false") return { ok: true, value: value === "true" };
      return { ok: false, want: "true or false" };
    },
  };
}

/** A flag whose value is one of a few words. */
export function oneOf<const T extends string>(
  words: FlagWords & { readonly choices: readonly T[]; readonly fallback: T },
): Flag<T> {
  return oneValue({ placeholder: words.choices.join("|"), ...words, defaultText: words.fallback }, (value) => {
    const found = words.choices.find((choice) => choice === value);
    return found === undefined ? { ok: false, want: words.choices.join(", ") } : { ok: true, value: found };
  });
}

/** A flag that may be repeated; its environment twin separates values by commas. */
export function many(words: FlagWords): Flag<readonly string[]> {
  return {
    ...words,
    arity: "many",
    fallback: [],
    defaultText: null,
    parse: (texts) =>
      texts.includes("") ? { ok: false, want: "a value" } : { ok: true, value: Object.freeze([...texts]) },
  };
}
