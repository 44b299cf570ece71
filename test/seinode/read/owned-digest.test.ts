/** The digest of the fields that we own of an object. */
import { expect, test } from "bun:test";
import { isAsApplied } from "../../../src/model/index.ts";
import { ownedDigests } from "../../../src/seinode/read/owned-digest.ts";

const fieldsV1 = { "f:spec": { "f:replicas": {} } };
const object = (replicas: number) => ({
  metadata: { managedFields: [{ manager: "tidekeeper", operation: "Apply", fieldsV1 }] },
  spec: { replicas, other: true },
});

test("the digest is one that any runtime gives: the first 128 bits of the SHA-256 of our fields", () => {
  const text = '[["f:spec",[["f:replicas",1]]]]';
  const whole = new Bun.CryptoHasher("sha256").update(text).digest("hex");
  expect(ownedDigests(object(1), "tidekeeper").ownedDigest).toBe(whole.slice(0, 32));
  expect(whole).toStartWith("d7ca2884db88fc80");
});

test("what an earlier version wrote is no edit, and an edit is one by either digest", () => {
  const [now, edited] = [ownedDigests(object(1), "tidekeeper"), ownedDigests(object(2), "tidekeeper")];
  const former = Bun.hash('[["f:spec",[["f:replicas",1]]]]').toString(16);
  expect(isAsApplied(former, now)).toBe(true);
  expect(isAsApplied(now.ownedDigest ?? "", now)).toBe(true);
  expect([isAsApplied(former, edited), isAsApplied(now.ownedDigest ?? "", edited)]).toEqual([false, false]);
});

test("who owns nothing has none, and nothing applied is no match for that", () => {
  const none = ownedDigests(object(1), "other");
  expect(none).toEqual({ ownedDigest: null });
  expect(isAsApplied(undefined, none)).toBe(false);
});
