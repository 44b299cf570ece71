/** What a Pod's status tells of why it does not run. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { readPod } from "../../../src/seinode/read/read-pod.ts";
import { readTrouble } from "../../../src/seinode/read/pod-trouble.ts";
import { rawPod } from "./raw-objects.ts";

const SPEC = {
  initContainers: [
    { name: "seid-init", image: "sei:2" },
    { name: "sei-sidecar", image: "seictl:1", restartPolicy: "Always" },
  ],
  containers: [{ name: "seid", image: "sei:2" }],
};

interface Seen {
  readonly init?: object;
  readonly sidecar?: object;
  readonly seid?: object;
  readonly conditions?: readonly object[];
  readonly phase?: string;
  readonly [more: string]: unknown;
}

function told({ init, sidecar, seid, phase = "Pending", ...status }: Seen): string | null {
  const at = (name: string, state: object | undefined): readonly object[] =>
    state === undefined ? [] : [{ name, ...state }];
  const raw = {
    ...status,
    phase,
    initContainerStatuses: [...at("seid-init", init), ...at("sei-sidecar", sidecar)],
    containerStatuses: at("seid", seid),
  };
  return readTrouble("n1-0", SPEC, raw)?.message ?? null;
}

function waits(reason: string, message?: string): object {
  return { state: { waiting: { reason, ...(message === undefined ? {} : { message }) } } };
}

const scheduled = { type: "PodScheduled", status: "True" };
const NOT_FOUND = 'failed to pull and unpack image "sei:2": not found';

describe("a Pod", () => {
  test.each<[string, Seen, string]>([
    [
      "whose pull fails",
      { init: waits("ErrImagePull", NOT_FOUND) },
      `Pod n1-0: init container seid-init: ImagePullBackOff: image sei:2: ErrImagePull: ${NOT_FOUND}`,
    ],
    [
      "whose pull waits, in the words of a newer kubelet",
      { init: waits("ImagePullBackOff", `Back-off pulling image "sei:2": ErrImagePull: ${NOT_FOUND}`) },
      `Pod n1-0: init container seid-init: ImagePullBackOff: image sei:2: ErrImagePull: ${NOT_FOUND}`,
    ],
    [
      "whose pull waits, in those of an older one",
      { seid: waits("ImagePullBackOff", 'Back-off pulling image "sei:2"') },
      "Pod n1-0: container seid: ImagePullBackOff: image sei:2",
    ],
    [
      "whose sidecar's image cannot be pulled",
      { sidecar: waits("ImagePullBackOff"), seid: waits("PodInitializing") },
      "Pod n1-0: container sei-sidecar: ImagePullBackOff: image seictl:1",
    ],
    [
      "with an image that is no name of one",
      { seid: waits("InvalidImageName", 'Failed to apply default image tag "sei:": couldn\'t parse image name') },
      'Pod n1-0: container seid: InvalidImageName: Failed to apply default image tag "sei:": couldn\'t parse image name',
    ],
    [
      "that needs a Secret",
      { seid: waits("CreateContainerConfigError", 'secret "keys" not found') },
      'Pod n1-0: container seid: CreateContainerConfigError: secret "keys" not found',
    ],
    [
      "that crashes, without the pause that grows",
      {
        phase: "Running",
        seid: {
          ...waits("CrashLoopBackOff", "back-off 5m0s restarting failed container=seid pod=n1-0"),
          lastState: { terminated: { exitCode: 1, reason: "Error" } },
        },
      },
      "Pod n1-0: container seid: CrashLoopBackOff: it ended with exit code 1 (Error)",
    ],
    [
      "that crashes, nobody says how",
      { seid: waits("CrashLoopBackOff", "back-off 10s") },
      "Pod n1-0: container seid: CrashLoopBackOff: it ends again and again",
    ],
    [
      "that no machine takes",
      {
        conditions: [
          {
            type: "PodScheduled",
            status: "False",
            reason: "Unschedulable",
            message: "0/3 nodes are available: 3 Insufficient cpu.",
          },
        ],
      },
      "Pod n1-0: Unschedulable: 0/3 nodes are available: 3 Insufficient cpu.",
    ],
    [
      "whose volume is not bound",
      {
        conditions: [
          {
            type: "PodScheduled",
            status: "False",
            reason: "Unschedulable",
            message: 'persistentvolumeclaim "data-n1" not found',
          },
        ],
      },
      'Pod n1-0: Unschedulable: persistentvolumeclaim "data-n1" not found',
    ],
    [
      "that a gate keeps from a machine",
      { conditions: [{ type: "PodScheduled", status: "False", reason: "SchedulingGated" }] },
      "Pod n1-0: SchedulingGated",
    ],
    [
      "that its machine has not begun",
      {
        conditions: [scheduled, { type: "PodReadyToStartContainers", status: "False" }],
        seid: waits("ContainerCreating"),
      },
      "Pod n1-0: ContainerCreating: its machine has not begun it: a volume that cannot be mounted, or no network. Its Events say more",
    ],
    [
      "that was evicted",
      { phase: "Failed", reason: "Evicted", message: "The node was low on resource: memory." },
      "Pod n1-0: Evicted: The node was low on resource: memory.",
    ],
    [
      "of words in lines",
      { seid: waits("RunContainerError", "exec:\n\t\u0007 no such file") },
      "Pod n1-0: container seid: RunContainerError: exec: no such file",
    ],
  ])("%s says so in one line", (_title, seen, want) => {
    expect(told(seen)).toBe(want);
  });

  test.each<[string, Seen]>([
    ["that nobody has seen", {}],
    ["on its way to a machine", { conditions: [] }],
    [
      "whose containers are made",
      { conditions: [scheduled], init: waits("PodInitializing"), seid: waits("ContainerCreating") },
    ],
    ["that runs", { phase: "Running", conditions: [scheduled], seid: { state: { running: {} } } }],
    [
      "whose init container has ended",
      { init: { state: { terminated: { exitCode: 0 } } }, seid: { state: { running: {} } } },
    ],
    ["that has ended well", { phase: "Succeeded" }],
  ])("%s is in no trouble", (_title, seen) => {
    expect(told(seen)).toBeNull();
  });

  test("says so in its view, and only until it is deleted", () => {
    const raw: { metadata: object; status: object } = { ...Object(rawPod()) };
    raw.status = { ...raw.status, containerStatuses: [{ name: "seid", ...waits("ImagePullBackOff") }] };
    expect(readPod(raw)?.trouble?.reason).toBe("ImagePullBackOff");
    raw.metadata = { ...raw.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" };
    expect(readPod(raw)?.trouble).toBeUndefined();
  });

  test("is read whatever it is, into a line that a condition can hold", () => {
    fc.assert(
      fc.property(fc.json(), fc.string(), (json, text) => {
        const value: unknown = JSON.parse(json);
        readTrouble("n", value, value);
        const said = told({ seid: waits(`X${text}`, text.repeat(50)) });
        expect(said?.length ?? 0).toBeLessThanOrEqual(512);
        expect(said ?? "").not.toMatch(/\p{Cc}/u);
      }),
    );
  });
});
