/** The annotations by which a person consents. */
import { expect, test } from "bun:test";
import {
  acceptedVolume,
  adoptedVolume,
  CONSENT_ANNOTATIONS,
  mayOpenGateOf,
  mayReplaceToTakeOver,
  unheededRestart,
} from "../../src/model/consent.ts";
import { Stage } from "../fixtures/stage.ts";

const [ACCEPT, RESTART, OPEN_GATE, TAKE_OVER] = [
  "tidekeeper.sei.io/accept-data-volume",
  "tidekeeper.sei.io/reinitialize",
  "tidekeeper.sei.io/open-gate",
  "tidekeeper.sei.io/take-over",
] as const;

const ADOPT = "tidekeeper.sei.io/adopt";

function nodeWith(annotations: Readonly<Record<string, string>>) {
  const stage = new Stage();
  stage.annotate(annotations);
  return stage.node();
}

test("the annotations that are read are those that are documented", () => {
  expect(Object.keys(CONSENT_ANNOTATIONS)).toEqual([ACCEPT, ADOPT, RESTART, OPEN_GATE, TAKE_OVER]);
});

test("a claim is taken over only when its UID is named", () => {
  expect([adoptedVolume(nodeWith({})), adoptedVolume(nodeWith({ [ADOPT]: "claim-2" }))]).toEqual([null, "claim-2"]);
});

test("a volume counts only when its UID is named", () => {
  expect(acceptedVolume(nodeWith({}))).toBeNull();
  expect(acceptedVolume(nodeWith({ [ACCEPT]: "claim-2" }))).toBe("claim-2");
  expect(acceptedVolume(nodeWith({ "other.io/accept-data-volume": "claim-2" }))).toBeNull();
});

test.each([
  ["nothing is said", {}, false],
  ["it is said with nothing", { [TAKE_OVER]: "" }, false],
  ["any text is said", { [TAKE_OVER]: "no" }, true],
])("a Pod may be replaced to take its node over: when %s", (_title, annotations, want) => {
  expect(mayReplaceToTakeOver(nodeWith(annotations))).toBe(want);
});

test.each<[string, Readonly<Record<string, string>>, string | undefined, string | null]>([
  ["nobody asked", {}, undefined, null],
  ["asked with nothing", { [RESTART]: "" }, undefined, null],
  ["asked for the first time", { [RESTART]: "a" }, undefined, "a"],
  ["asked with the word that was heeded", { [RESTART]: "a" }, "a", null],
  ["asked with another word", { [RESTART]: "b" }, "a", "b"],
  ["the word was taken away", {}, "a", null],
])("a new start: %s", (_title, annotations, heeded, want) => {
  const node = nodeWith(annotations);
  expect(unheededRestart(node, heeded === undefined ? {} : { reinitialized: heeded })).toBe(want);
});

test.each([
  ["nothing is said", {}, "pod-1", false],
  ["this very Pod is named", { [OPEN_GATE]: "pod-1" }, "pod-1", true],
  ["another Pod is named", { [OPEN_GATE]: "pod-2" }, "pod-1", false],
  ["more than its UID is said", { [OPEN_GATE]: "pod-1 " }, "pod-1", false],
  ["nothing is named, and nobody is there", { [OPEN_GATE]: "" }, "", false],
])("a gate of which nobody knows may be opened: when %s", (_title, annotations, podUid, want) => {
  expect(mayOpenGateOf(nodeWith(annotations), podUid)).toBe(want);
});
