/** Which claim the home of `seid` is on. */
import { describe, expect, test } from "bun:test";
import { aPod } from "../../fixtures/stage.ts";
import { isHomeOn } from "../../../src/model/index.ts";
import { readHome } from "../../../src/seinode/read/home.ts";

const VOLUMES = [
  { name: "data", persistentVolumeClaim: { claimName: "data-a" } },
  { name: "other", persistentVolumeClaim: { claimName: "data-b" } },
  { name: "scratch", emptyDir: {} },
];
const DATA = { name: "data", mountPath: "/sei" };

function home(seid: object, volumes: readonly object[] = VOLUMES) {
  return readHome({
    volumes,
    containers: [
      { name: "other", volumeMounts: [DATA] },
      { name: "seid", ...seid },
    ],
  });
}

const ON_DATA = { claim: "data-a", subPath: "" };

test.each<[string, object, ReturnType<typeof home>]>([
  ["as we mount it", { volumeMounts: [DATA] }, ON_DATA],
  ["written otherwise", { volumeMounts: [{ name: "data", mountPath: "/sei/" }] }, ON_DATA],
  ["among others", { volumeMounts: [{ name: "scratch", mountPath: "/tmp" }, DATA] }, ON_DATA],
  ["beside one of a like name", { volumeMounts: [DATA, { name: "scratch", mountPath: "/sei2" }] }, ON_DATA],
  [
    "with a file of a Secret in it",
    { volumeMounts: [DATA, { name: "scratch", mountPath: "/sei/config/key" }] },
    ON_DATA,
  ],
  ["on an emptyDir, with the volume there", { volumeMounts: [{ name: "scratch", mountPath: "/sei" }] }, null],
  [
    "on an emptyDir, with the volume mounted elsewhere",
    {
      volumeMounts: [
        { name: "data", mountPath: "/old" },
        { name: "scratch", mountPath: "/sei" },
      ],
    },
    null,
  ],
  ["on another claim", { volumeMounts: [{ name: "other", mountPath: "/sei" }] }, { claim: "data-b", subPath: "" }],
  ["in a folder of the volume", { volumeMounts: [{ ...DATA, subPath: "x" }] }, { claim: "data-a", subPath: "x" }],
  ["in a folder by name", { volumeMounts: [{ ...DATA, subPathExpr: "$(A)" }] }, { claim: "data-a", subPath: "$(A)" }],
  ["under something that covers its data", { volumeMounts: [DATA, { name: "scratch", mountPath: "/sei/data" }] }, null],
  ["mounted nowhere", { volumeMounts: [] }, null],
  ["without mounts", {}, null],
  ["of a name that no volume has", { volumeMounts: [{ name: "gone", mountPath: "/sei" }] }, null],
  [
    "that it is told, on an emptyDir",
    {
      args: ["script", "seid", "start", "--home", "/tmp/home"],
      volumeMounts: [DATA, { name: "scratch", mountPath: "/tmp" }],
    },
    null,
  ],
  ["that it is told, on nothing", { args: ["seid start --home=/root/.sei"], volumeMounts: [DATA] }, null],
  ["that it is told, in the volume", { args: ["seid", "start", "--home", "/sei"], volumeMounts: [DATA] }, ON_DATA],
  [
    "of the reference's later Pods",
    {
      env: [{ name: "HOME", value: "/home/nonroot" }],
      volumeMounts: [
        { name: "scratch", mountPath: "/home/nonroot" },
        { name: "data", mountPath: "/home/nonroot/.sei" },
      ],
    },
    ON_DATA,
  ],
])("a home %s", (_title, seid, want) => {
  expect(home(seid)).toEqual(want);
});

test.each([
  undefined,
  null,
  7,
  {},
  { containers: "seid" },
  { containers: [{ name: "seid", volumeMounts: [7, null] }] },
])("what is no Pod (%p) has no home", (spec) => {
  expect(readHome(spec)).toBeNull();
});

describe("a Pod's home is on a claim", () => {
  test.each<[string, Parameters<typeof aPod>[1], boolean]>([
    ["when it is its volume from the root", {}, true],
    ["and on no other", { home: { claim: "other", subPath: "" } }, false],
    ["not in a folder of it", { home: { claim: "data-node", subPath: "x" } }, false],
    ["not when the volume is only there", { home: null }, false],
  ])("%s", (_title, change, want) => {
    expect(isHomeOn(aPod("pod-1", change), "data-node")).toBe(want);
  });
});
