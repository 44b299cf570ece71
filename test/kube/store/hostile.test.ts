/** The store keeps objects as bytes what it would keep as they are, whatever they hold. */
import { afterEach, describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { createStore } from "../../../src/kube/store/store.ts";
import { jsonWith, RUNS } from "../../fixtures/hostile.ts";

afterEach(() => expect("polluted" in {}).toBe(false));

const runs = { numRuns: RUNS };

interface Thing {
  readonly name: string;
  readonly version: string;
  readonly held: unknown;
}

describe("a store of bytes", () => {
  const name = fc.constantFrom("a", "b", "c", "__proto__", "");
  const held = jsonWith("name", "version").map((value): unknown => JSON.parse(JSON.stringify(value)));
  const change = fc.tuple(fc.constantFrom("upsert", "accept", "remove", "replace", "advance"), name, held);

  test("tells what one of objects tells", () => {
    const made = (packed: boolean) =>
      createStore<Thing>({ packed, keyOf: (one) => one.name, versionOf: (one) => one.version });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const [bytes, plain] = [made(true), made(false)];
        for (const [index, [how, key, value]] of changes.entries()) {
          const version = String(index + 1);
          const thing = { name: key, version, held: value };
          for (const { writer, accept } of [bytes, plain]) {
            if (how === "upsert") writer.upsert(thing);
            if (how === "accept") accept(thing);
            if (how === "remove") writer.remove(key, thing);
            if (how === "replace") writer.replace([thing], version);
            if (how === "advance") writer.advance(version);
          }
          const told = ({ reader }: typeof bytes) =>
            [...reader.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
          expect(told(bytes)).toEqual(told(plain));
        }
      }),
      runs,
    );
  });
});
