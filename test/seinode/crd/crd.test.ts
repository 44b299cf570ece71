/** The CRD: the samples fit it, and status has no field that it has not. */
import { describe, expect, test } from "bun:test";
import { type Fits, isObject, type Json, type JsonObject, type Nothing, type Unkept } from "../../../src/base/index.ts";
import { outcomeLine } from "../../../src/model/index.ts";
import { int, list, object, opaque, text, type TypeOf } from "../../../src/seinode/crd/crd-schema.ts";
import { specSchema } from "../../../src/seinode/crd/crd-spec.ts";
import { statusSchema } from "../../../src/seinode/crd/crd-status.ts";
import { readNode, readSpec } from "../../../src/seinode/read/index.ts";
import { refusedSpecs } from "../../fixtures/refused-specs.ts";
import { examples, samples } from "../../fixtures/samples.ts";
import { schemasOf } from "../../fixtures/schemas-of.ts";
import { seiNode } from "../nodes.ts";

describe("the samples", () => {
  const found = new Set(
    samples()
      .flatMap(({ spec, status }) => pathsIn({ spec, ...(status && { status }) }))
      .filter((path) => path !== ""),
  );

  test.each(fieldsOf({ spec: specSchema(), status: statusSchema() }))("have %s", (path) => {
    expect(found).toContain(path);
  });

  test("have no field that the schema has not", () => {
    const fields = new Set(fieldsOf({ spec: specSchema(), status: statusSchema() }));
    const free = freeOf({ spec: specSchema(), status: statusSchema() });
    const strange = [...found].filter((path) => !fields.has(path) && !free.some((map) => path.startsWith(`${map}.`)));
    expect(strange).toEqual([]);
  });

  test.each([...samples(), ...examples()].map((sample) => [sample.title, sample] as const))(
    "%s is read as a spec that is built, refused as unsupported, or refused for its forms",
    (title, { name, spec }) => {
      const reading = readSpec(seiNode(spec, { name }));
      const reason = reading.ok ? "built" : reading.reason;
      const invalid = ["a/unlimited.yaml", "a/replayer-state-sync.yaml"];
      const unsupported = ["h/full-node", "h/seed", "h/validator", "h/validator-keyring", "h/replayer"];
      if (invalid.includes(title)) expect(reason).toBe("InvalidSpec");
      else expect(reason).toBe(unsupported.includes(title.replace(".yaml", "")) ? "UnsupportedSpec" : "built");
    },
  );

  test("of ours is read back as it was written", () => {
    const ours = samples().find(({ title }) => title.startsWith("tidekeeper/"));
    const metadata = { namespace: "chain", name: ours?.name ?? "", uid: "u" };
    const read = readNode({ metadata, spec: {}, status: ours?.status })?.status;
    expect(Object.keys(read ?? {}).length).toBeGreaterThan(10);
    const { history = [], ...others } = read ?? {};
    expect(ours?.status).toMatchObject({ ...others, outcomes: history.slice(1).map((record) => outcomeLine(record)) });
    expect(history.map(({ outcome }) => outcome)).toEqual(["Superseded", "Complete"]);
  });
});

test("every field of spec says what it is, for `kubectl explain`", () => {
  const mute = schemasOf("spec", specSchema()).filter(
    ([path, schema]) => !path.endsWith("[]") && !schema["description"],
  );
  expect(mute.map(([path]) => path)).toEqual([]);
});

test("no text has a limit that a manifest without it could break", () => {
  const limited = schemasOf("spec", specSchema()).filter(([, { maxLength, maxItems }]) => maxLength ?? maxItems);
  expect(limited.map(([path]) => path)).toEqual([
    "spec.image",
    "spec.entrypoint.command",
    "spec.entrypoint.args",
    "spec.dataVolume.import.pvcName",
    "spec.validator.signingKey.secret.secretName",
    "spec.validator.nodeKey.secret.secretName",
    "spec.validator.operatorKeyring.secret.secretName",
    "spec.validator.operatorKeyring.secret.keyName",
    "spec.validator.operatorKeyring.secret.passphraseSecretRef.secretName",
    "spec.seed.nodeKey.secret.secretName",
  ]);
});

test("every rule of spec has a spec that breaks it, for the real API server to refuse", () => {
  const rules = schemasOf("spec", specSchema()).flatMap(([path, schema]) => rulesOf(path, schema));
  const broken = new Set(refusedSpecs().map(({ rule }) => rule));
  expect(rules.filter((rule) => !broken.has(rule))).toEqual([]);
  const known = new Set(rules);
  expect([...broken].filter((rule) => !known.has(rule) && !rule.endsWith(" type"))).toEqual([]);
});

describe("a type that the schema does not keep is an error of the compiler", () => {
  const schema = object({ a: text(), deep: list(object({ b: int("int32") }, ["b"])), free: opaque() }, ["a"]);
  type Kept = TypeOf<typeof schema>;

  test("for a field that is not there, by its path", () => {
    type Wider = Kept & { readonly deep?: readonly { readonly b: number; readonly c: string }[]; readonly d?: number };
    const paths: Record<Unkept<Wider, Kept, "s">, true> = { "s.deep[].c": true, "s.d": true };
    expect(Object.keys(paths)).toHaveLength(2);
    // @ts-expect-error -- "s.deep[].c" and "s.d" are something
    type _Refused = Nothing<Unkept<Wider, Kept, "s">>;
    const none: Nothing<Unkept<Kept, Kept, "s">>[] = [];
    expect(none).toEqual([]);
  });

  test("for a field of another type, and for one that may be missing", () => {
    const kept: Fits<{ a: "x"; free: { any: 1 } }, Kept> = { a: "x", free: { any: 1 } };
    expect(kept.a).toBe("x");
    // @ts-expect-error -- a number is no text
    type _Other = Fits<{ a: number }, Kept>;
    // @ts-expect-error -- `a` is required
    type _Missing = Fits<{ a?: string }, Kept>;
  });
});

/** Rules that a schema has by itself, named as `refusedSpecs` names them; what may never change is tried by updates. */
function rulesOf(path: string, schema: JsonObject): readonly string[] {
  const words = ["required", "minLength", "maxLength", "minimum", "maximum"];
  const more = ["minItems", "maxItems", "minProperties", "pattern", "enum"];
  const plain = [...words, ...more].filter((word) => schema[word] !== undefined).map((word) => `${path} ${word}`);
  const validations: Json = schema["x-kubernetes-validations"] ?? [];
  const cel = (Array.isArray(validations) ? validations : []).flatMap((rule: Json, index) =>
    JSON.stringify(rule).includes("oldSelf") ? [] : [`${path} rule ${index}`],
  );
  const unique = schema["x-kubernetes-list-type"] === undefined ? [] : [`${path}[] list-type`];
  const values = schema["additionalProperties"];
  return [...plain, ...cel, ...unique, ...(isObject(values) ? rulesOf(path, values) : [])];
}

function fieldsOf(roots: Readonly<Record<string, JsonObject>>): readonly string[] {
  return Object.entries(roots).flatMap(([name, schema]) => schemasOf(name, schema).map(([path]) => path));
}

/** Maps and objects whose content is free. */
function freeOf(roots: Readonly<Record<string, JsonObject>>): readonly string[] {
  const all = Object.entries(roots).flatMap(([name, schema]) => schemasOf(name, schema));
  const isFree = (schema: JsonObject): boolean =>
    schema["additionalProperties"] !== undefined || schema["x-kubernetes-preserve-unknown-fields"] === true;
  return all.filter(([, schema]) => isFree(schema)).map(([path]) => path);
}

function pathsIn(value: Json, path = ""): readonly string[] {
  if (Array.isArray(value)) return [path, ...value.flatMap((item: Json) => pathsIn(item, `${path}[]`))];
  if (!isObject(value)) return [path];
  const at = (name: string): string => (path === "" ? name : `${path}.${name}`);
  return [path, ...Object.entries(value).flatMap(([name, field]) => pathsIn(field ?? null, at(name)))];
}
