/** The JSON reader that skips managed fields, beside JSON.parse. */
import { describe, expect, test } from "bun:test";

import * as fc from "fast-check";

import { parseLean } from "../../../src/kube/client/lean-json.ts";

const metadata = { name: "n", managedFields: [{ manager: "kubelet", fieldsV1: { "f:spec": { ".": {} } } }], uid: "u" };

describe("parseLean", () => {
  test.each([
    ["an object", { metadata, spec: { a: 1 } }, { metadata: { ...metadata, managedFields: [] }, spec: { a: 1 } }],
    [
      "a list",
      { items: [{ metadata }, { metadata: { name: "m" } }, { metadata }] },
      {
        items: [
          { metadata: { ...metadata, managedFields: [] } },
          { metadata: { name: "m" } },
          { metadata: { ...metadata, managedFields: [] } },
        ],
      },
    ],
    ["none at all", { metadata: { name: "n" } }, { metadata: { name: "n" } }],
    ["an empty one", { metadata: { managedFields: [] } }, { metadata: { managedFields: [] } }],
    ["the name in a text", { note: '"managedFields":[{}]' }, { note: '"managedFields":[{}]' }],
    [
      "an event",
      { type: "ADDED", object: { metadata } },
      { type: "ADDED", object: { metadata: { ...metadata, managedFields: [] } } },
    ],
    [
      "a tenant's own field of that name",
      { metadata: { name: "n" }, spec: { managedFields: [{ a: 1 }] } },
      { metadata: { name: "n" }, spec: { managedFields: [{ a: 1 }] } },
    ],
    ["one in a nested metadata", { spec: { metadata } }, { spec: { metadata } }],
    [
      "one beside the object's own",
      { metadata, spec: { managedFields: [{ a: 1 }] } },
      { metadata, spec: { managedFields: [{ a: 1 }] } },
    ],
    ["one as the last field", { metadata: { managedFields: [{ a: {} }] } }, { metadata: { managedFields: [] } }],
  ])("reads %s", (_what, object, want) => {
    expect(parseLean(JSON.stringify(object))).toEqual(want);
  });

  test.each(["{", '{"managedFields":[{', '{"managedFields":[{}]', ""])("throws as JSON.parse does: %j", (text) => {
    expect(() => parseLean(text)).toThrow(SyntaxError);
  });

  test("never reads anything else than JSON.parse does, whatever a manager is called", () => {
    const tricky = fc.array(fc.constantFrom("}", "]", "}]", ",", ":", "{", "[", '"', "\\", "1", "a"), { maxLength: 8 });
    const text = tricky.map((parts) => parts.join(""));
    const entry = fc.record({
      manager: text,
      operation: fc.constantFrom("Apply", "Update"),
      fieldsType: fc.constant("FieldsV1"),
      fieldsV1: fc.dictionary(
        text.map((name) => `f:${name}`),
        fc.dictionary(
          text.map((name) => `k:${name}`),
          fc.constant({}),
        ),
      ),
    });
    const object = fc.record({ name: text, managedFields: fc.array(entry, { maxLength: 3 }), uid: text });
    fc.assert(
      fc.property(fc.array(object, { maxLength: 3 }), (objects) => {
        const items = objects.map((each) => ({ metadata: each, spec: { image: "i" } }));
        const got = parseLean(JSON.stringify({ items }));
        const lean = items.map((item) => ({ ...item, metadata: { ...item.metadata, managedFields: [] } }));
        expect([items, lean].map((want) => JSON.stringify({ items: want }))).toContain(JSON.stringify(got));
      }),
      { numRuns: 500 },
    );
  });
});
