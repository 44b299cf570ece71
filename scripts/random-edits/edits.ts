/** Everything that a random edit may do to a SeiNode. A new kind of edit is a line here. */
import type { Dice } from "../../test/simulation/dice.ts";

/** `spec` as somebody wrote it. */
export type Spec = Readonly<Record<string, unknown>>;

/** One field of `spec` set to a value; undefined takes it out. */
export interface Edit {
  readonly field: string;
  readonly value: unknown;
}

/** Draws an edit; null where it makes no sense for that spec. */
export type Draw = (dice: Dice, spec: Spec) => Edit | null;

/** The modes that a node may have; an edit never changes which one. */
export const MODES = ["fullNode", "archive", "replayer", "validator"] as const;

/** The field of its one mode. */
export function modeOf(spec: Spec): string {
  return MODES.find((mode) => spec[mode] !== undefined) ?? "fullNode";
}

/** One of the values, which may be undefined. */
function drawn(dice: Dice, values: readonly unknown[]): unknown {
  return values[dice.between(0, values.length - 1)];
}

const one =
  (field: string, values: readonly unknown[]): Draw =>
  (dice) => ({ field, value: drawn(dice, values) });

/** A member of `spec.sidecar`, beside what is there of it. */
const sidecar =
  (member: string, values: readonly unknown[]): Draw =>
  (dice, spec) => {
    const { [member]: _before, ...rest } = Object(spec["sidecar"] ?? {});
    const value = drawn(dice, values);
    const whole = value === undefined ? rest : { ...rest, [member]: value };
    return { field: "sidecar", value: Object.keys(whole).length === 0 ? undefined : whole };
  };

const generation =
  (values: readonly unknown[]): Draw =>
  (dice, spec) => {
    const mode = modeOf(spec);
    if (mode !== "fullNode" && mode !== "archive") return null;
    const { snapshotGeneration: _before, ...rest } = Object(spec[mode]);
    const value = drawn(dice, values);
    return { field: mode, value: value === undefined ? rest : { ...rest, snapshotGeneration: value } };
  };

/** A replayer must have peers. */
const peers =
  (values: readonly unknown[]): Draw =>
  (dice, spec) => {
    const value = drawn(dice, values);
    return value === undefined && spec["replayer"] !== undefined ? null : { field: "peers", value };
  };

const SOMEONE = `${"ab".repeat(20)}@peer.example.test:26656`;

/** What is served, and brings a node to what a fresh install of the same spec comes to. */
export const SERVED: readonly Draw[] = [
  one("image", ["sei:1", "sei:2", "sei:3", "registry.example.test/sei:4"]),
  one("image", ["sei:1", "sei:2"]),
  sidecar("image", ["sidecar:1", "sidecar:2", undefined]),
  sidecar("port", [7777, 7800, 7801, 0, undefined]),
  sidecar("resources", [
    { requests: { cpu: "100m" } },
    { requests: { cpu: "1", memory: "1Gi" }, limits: { memory: "2Gi" } },
    undefined,
  ]),
  one("podLabels", [
    { team: "night" },
    { team: "day", "example.test/tier": "1" },
    { "sei.io/node": "someone-else", team: "day" },
    {},
    undefined,
  ]),
  one("overrides", [
    { "logging.level": "debug" },
    { "chain.min_retain_blocks": "5", "logging.level": "info" },
    undefined,
  ]),
  peers([
    [{ static: { addresses: [SOMEONE] } }],
    [{ label: { selector: { role: "peer" } } }],
    [{ label: { selector: { role: "nobody" } } }, { static: { addresses: [SOMEONE] } }],
    [{ ec2Tags: { region: "eu-central-1", tags: { chain: "sei" } } }],
    undefined,
  ]),
  one("externalAddress", ["node.example.test:26656", "10.1.2.3:26656", undefined]),
  one("entrypoint", [
    { command: ["seid"], args: ["start", "--home", "/sei", "--trace"] },
    { command: ["/usr/local/bin/other"] },
    undefined,
  ]),
  one("paused", [true, false, undefined]),
  generation([{ tendermint: { keepRecent: 2 } }, { tendermint: { keepRecent: 5, publish: {} } }, undefined]),
];

/** What the schema refuses: the API server says no, and nothing may come of it. */
export const REFUSED: readonly Draw[] = [
  one("image", ["", "x".repeat(513), 5, undefined]),
  one("chainId", ["", undefined]),
  one("sidecar", [{ port: -1 }, { port: 70_000 }, { port: "7777" }, { image: 5 }]),
  one("podLabels", [{ team: 5 }, "team=night", ["team"]]),
  one("overrides", [{ "logging.level": 5 }, "debug"]),
  one("peers", [
    [{}],
    [{ static: { addresses: [] } }],
    [{ static: { addresses: [SOMEONE] }, label: { selector: { a: "b" } } }],
  ]),
  one("entrypoint", [{ command: [] }, { args: ["start"] }]),
  one("paused", ["yes", 1]),
  generation([{ tendermint: { keepRecent: 0 } }, { tendermint: {} }]),
  (_dice, spec) => ({ field: modeOf(spec), value: undefined }),
  (dice, spec) => ({ field: dice.pick(MODES.filter((mode) => mode !== modeOf(spec))), value: {} }),
];

/** How a value that is taken in and cannot be served shows itself. */
export type Sign = "Stalled" | "PlanFailed" | "NeverStarts";

/** A value that cannot be served; it is always taken back again. */
export interface Mistake {
  readonly sign: Sign;
  readonly draw: Draw;
}

/** What a schema lets through (or may refuse in its turn), and somebody corrects again. */
export const MISTAKES: readonly Mistake[] = [
  { sign: "Stalled", draw: one("image", ["Not An Image", "sei:", "latest"]) },
  { sign: "Stalled", draw: sidecar("image", ["UPPER CASE", "a b"]) },
  { sign: "Stalled", draw: one("podLabels", [{ "bad key!": "x" }, { team: "no spaces here" }]) },
  { sign: "Stalled", draw: one("externalAddress", ["nohost", "http://x:1"]) },
  { sign: "Stalled", draw: one("peers", [[{ static: { addresses: ["nonsense"] } }]]) },
  { sign: "Stalled", draw: generation([{ tendermint: { keepRecent: 1, publish: {} } }]) },
  {
    sign: "PlanFailed",
    draw: sidecar("resources", [{ requests: { cpu: "banana" } }, { requests: { cpu: "2" }, limits: { cpu: "1" } }]),
  },
  { sign: "NeverStarts", draw: one("image", ["sei:never", "sei:never-2"]) },
];

/** The spec after an edit. */
export function edited(spec: Spec, { field, value }: Edit): Spec {
  const { [field]: _before, ...rest } = spec;
  return value === undefined ? rest : { ...rest, [field]: value };
}

/** The edit that takes one back. */
export function undoing(spec: Spec, { field }: Edit): Edit {
  return { field, value: spec[field] };
}

/** A JSON patch; null where there is nothing to do. */
export function patchOf(spec: Spec, { field, value }: Edit): readonly object[] | null {
  const path = `/spec/${field}`;
  if (value !== undefined) return [{ op: "add", path, value }];
  return spec[field] === undefined ? null : [{ op: "remove", path }];
}

/** One line for people. */
export function told({ field, value }: Edit): string {
  return `${field} = ${value === undefined ? "nothing" : JSON.stringify(value).slice(0, 120)}`;
}
