/** Resource quantities compared exactly, whatever their notation. Source: the grammar of Kubernetes' resource.Quantity. */

/** Negative, zero or positive as `a` is less than, equal to or more than `b`; null when one of them is no quantity. */
export function compareQuantities(a: string, b: string): number | null {
  const [left, right] = [read(a), read(b)];
  if (left === null || right === null) return null;
  const difference = left.over * right.under - right.over * left.under;
  return difference < 0n ? -1 : Number(difference > 0n);
}

/** `over / under`, which loses nothing where a float would: 9007199254740993 is not ...992, and 0.1 is a tenth. */
interface Fraction {
  readonly over: bigint;
  readonly under: bigint;
}

const FORM = /^([+-]?)(\d{1,40})?(?:\.(\d{0,40}))?(?:[eE]([+-]?\d{1,3})|([numkMGTPE]|[KMGTPE]i)?)$/;

const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const BINARY: Readonly<Record<string, bigint>> = { Ki: 10n, Mi: 20n, Gi: 30n, Ti: 40n, Pi: 50n, Ei: 60n };

function read(text: string): Fraction | null {
  const [all, sign, whole = "", part = "", exponent, suffix = ""] = FORM.exec(text) ?? [];
  if (all === undefined || whole + part === "") return null;
  const digits = BigInt(whole + part) * (sign === "-" ? -1n : 1n) * 2n ** (BINARY[suffix] ?? 0n);
  const power = (exponent === undefined ? (DECIMAL[suffix] ?? 0) : Number(exponent)) - part.length;
  return power < 0
    ? { over: digits, under: 10n ** BigInt(-power) }
    : { over: digits * 10n ** BigInt(power), under: 1n };
}
