/** Values with a grammar of their own: durations, numbers, addresses, the order of detectors. */
import type { DetectorChoice, LeaseName, ListenAddress, Share } from "./option-values.ts";
import type { Parsed } from "./flag.ts";

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
]);

const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/;

/** A duration such as `10s` or `1m30s`, in milliseconds, within bounds that are durations themselves. */
export function parseDuration(value: string, bounds: { readonly min: string; readonly max: string }): Parsed<number> {
  const want = `a duration from ${bounds.min} to ${bounds.max}`;
  if (/^\d+(\.\d+)?$/.test(value)) return { ok: false, want, hint: `It has no unit; use ${value}s` };
  const ms = durationMs(value);
  if (ms === null || ms < (durationMs(bounds.min) ?? 0) || ms > (durationMs(bounds.max) ?? 0)) {
    return { ok: false, want };
  }
  return { ok: true, value: ms };
}

function durationMs(value: string): number | null {
  if (!DURATION.test(value)) return null;
  let sum = 0;
  for (const [, amount, unit] of value.matchAll(/([\d.]+)(ms|s|m|h)/g)) {
    sum += Number(amount) * (UNIT_MS.get(unit ?? "") ?? 0);
  }
  return Math.round(sum);
}

/** A decimal number within bounds; `integer` refuses a fraction. */
export function parseNumber(
  value: string,
  bounds: { readonly min: number; readonly max: number; readonly integer: boolean },
): Parsed<number> {
  const want = `${bounds.integer ? "a whole number" : "a number"} from ${bounds.min} to ${bounds.max}`;
  const pattern = bounds.integer ? /^\d{1,9}$/ : /^\d{1,9}(\.\d{1,6})?$/;
  if (!pattern.test(value)) return { ok: false, want };
  const number = Number(value);
  return number < bounds.min || number > bounds.max ? { ok: false, want } : { ok: true, value: number };
}

/** `5` nodes, or `1%` of them. */
export function parseShare(value: string): Parsed<Share> {
  const [, digits = "", percent] = /^(\d{1,6})(%?)$/.exec(value) ?? [];
  const isPercent = percent === "%";
  const number = Number(digits);
  if (digits === "" || number < 1 || (isPercent && number > 100)) {
    return { ok: false, want: "a number of nodes from 1, or a percentage from 1% to 100%" };
  }
  return { ok: true, value: Object.freeze({ value: number, isPercent }) };
}

const ADDRESS_WANT = "host:port, :port, or 0 to switch it off";

/** `:8080`, `127.0.0.1:8080`, `[::1]:8080`; `0` = null, not served. */
export function parseAddress(value: string): Parsed<ListenAddress | null> {
  if (value === "0") return { ok: true, value: null };
  if (/^\d+$/.test(value)) return { ok: false, want: ADDRESS_WANT, hint: `Did you mean :${value}?` };
  const match = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]*):(\d{1,5})$/.exec(value);
  const port = Number(match?.[2] ?? "0");
  if (match === null || port < 1 || port > 65_535) return { ok: false, want: ADDRESS_WANT };
  const host = (match[1] ?? "").replace(/^\[|\]$/g, "");
  return { ok: true, value: Object.freeze({ host: host === "" ? null : host, port }) };
}

const DETECTORS_WANT = "names separated by commas, each with =act, =observe or =off where it is not to act";

/** `image-drift,sidecar-ready=observe`: an order, and a mode for each. */
export function parseDetectors(value: string): Parsed<readonly DetectorChoice[]> {
  const choices: DetectorChoice[] = [];
  for (const entry of value.split(",")) {
    const [, name = "", mode = "act"] = /^([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)(?:=(.*))?$/.exec(entry.trim()) ?? [];
    if (name === "") return { ok: false, want: DETECTORS_WANT };
    if (mode !== "act" && mode !== "observe" && mode !== "off") return { ok: false, want: DETECTORS_WANT };
    if (choices.some((choice) => choice.name === name)) {
      return { ok: false, want: "each detector once", hint: `${name} is named twice` };
    }
    choices.push(Object.freeze({ name, mode }));
  }
  return { ok: true, value: Object.freeze(choices) };
}

const LEASE = /^([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)\/([a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?)$/;

/** Leases as `namespace/name`, each once. */
export function parseLeases(values: readonly string[]): Parsed<readonly LeaseName[]> {
  const leases = [...new Set(values)].map((value) => {
    const [, namespace, name] = LEASE.exec(value) ?? [];
    return namespace === undefined || name === undefined ? null : Object.freeze({ namespace, name });
  });
  const known = leases.filter((lease) => lease !== null);
  if (known.length < leases.length || known.length > MAX_LEASES) {
    return { ok: false, want: `at most ${MAX_LEASES} Leases as NAMESPACE/NAME, such as sei-system/bc1f5b0a.sei.io` };
  }
  return { ok: true, value: Object.freeze(known) };
}

/** Each is a watch. */
const MAX_LEASES = 10;
