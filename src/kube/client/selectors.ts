/** Label selectors as text: whether one object could be meant by two of them. */

/** What a selector asks of one label. `values` null = any value. */
interface Requirement {
  readonly mayBeAbsent: boolean;
  readonly values: ReadonlySet<string> | null;
  readonly not: ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();
const TERM = /^\s*(!?)\s*([\w./-]+)\s*(?:(!=|==?)\s*([\w.-]*)|\s(in|notin)\s*\(([^()]*)\))?\s*$/;

/**
 * Whether some labels could match both selectors. True also where either cannot be read: who asks wants to be safe.
 * `null` and the empty text select everything.
 */
export function canBothMatch(one: string | null, other: string | null): boolean {
  const [left, right] = [readSelector(one ?? ""), readSelector(other ?? "")];
  if (left === null || right === null) return true;
  const asked = new Map<string, Requirement>();
  for (const [key, requirement] of [...left, ...right]) {
    const before = asked.get(key);
    asked.set(key, before === undefined ? requirement : both(before, requirement));
  }
  return [...asked.values()].every(canHold);
}

function readSelector(text: string): readonly (readonly [string, Requirement])[] | null {
  if (text.trim() === "") return [];
  // Commas within parentheses are of one term.
  const terms = text.split(/,(?![^(]*\))/).map(readTerm);
  const known = terms.filter((term) => term !== null);
  return known.length < terms.length ? null : known;
}

function readTerm(text: string): readonly [string, Requirement] | null {
  const [, bang, key = "", operator, value = "", word, list = ""] = TERM.exec(text) ?? [];
  if (key === "" || (bang === "!" && (operator ?? word) !== undefined)) return null;
  if (bang === "!") return [key, { mayBeAbsent: true, values: NONE, not: NONE }];
  if (operator === undefined && word === undefined) return [key, { mayBeAbsent: false, values: null, not: NONE }];
  const named = new Set(word === undefined ? [value] : list.split(",").map((one) => one.trim()));
  return operator === "!=" || word === "notin"
    ? [key, { mayBeAbsent: true, values: null, not: named }]
    : [key, { mayBeAbsent: false, values: named, not: NONE }];
}

function both(one: Requirement, other: Requirement): Requirement {
  const [values, more] = one.values === null ? [other.values, null] : [one.values, other.values];
  return {
    mayBeAbsent: one.mayBeAbsent && other.mayBeAbsent,
    values: values === null || more === null ? values : new Set([...values].filter((value) => more.has(value))),
    not: new Set([...one.not, ...other.not]),
  };
}

function canHold({ mayBeAbsent, values, not }: Requirement): boolean {
  return mayBeAbsent || values === null || [...values].some((value) => !not.has(value));
}
