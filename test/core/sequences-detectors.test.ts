/** What the loop asks of the world, call by call: detectors that fail, that wait, or are not ours. */
import { expect, test } from "bun:test";
import type { Detector, RegisteredDetector } from "../../src/model/index.ts";
import { aPlugin, aRunningStatus } from "../fixtures/stage.ts";
import { HEALED, PLAN_STORED } from "../fixtures/healing-lines.ts";
import { linesOf, type Situation } from "../fixtures/sequence.ts";

/** The image of its sidecar is known. */
const SEEN = { ...aRunningStatus(), currentSidecarImage: "sidecar:v1" };
const DRIFT = { reason: "Theirs", message: "theirs is off", tasks: [{ type: "mark-ready", params: {} }] };

function plugin(name: string, more: Partial<Detector<unknown>> = {}): RegisteredDetector {
  return aPlugin({ name, detect: () => DRIFT, ...more });
}

function fails(): never {
  throw new Error("a defect");
}

/** The detectors with one of them changed. */
function changed(own: readonly RegisteredDetector[], name: string, more: object): readonly RegisteredDetector[] {
  return own.map((entry) =>
    entry.detector.name === name ? { ...entry, detector: { ...entry.detector, ...more } } : entry,
  );
}

const SITUATIONS: readonly Situation[] = [
  [
    "a built-in that throws as it judges holds those below it",
    async (play) => {
      const stage = play.begin({ detectors: (own) => changed(own, "image", { detect: fails }) });
      stage.gate = "shut";
      await play.reconcile();
      await play.reconcile();
    },
    [
      "probe sidecar => notReady",
      "report failed detector image: detect() threw: a defect",
      "patch status: outcomes none, DetectorFailed=True/DetectorFailed, Ready=False/NotReady, SidecarReady=False/NotReady, initDigest M6zR.L5Wt, observedGeneration 1, readinessTransitions",
      "event SidecarReadinessLost",
      "event DetectorFailed",
      "again in 5500 ms",
      "report failed detector image: detect() threw: a defect",
      "again in 5500 ms",
    ],
  ],
  [
    "a built-in that throws as it observes holds those below it",
    async (play) => {
      play.begin({ detectors: (own) => [...changed(own, "sidecar-ready", { observe: fails }), plugin("theirs")] });
      await play.reconcile();
    },
    [
      "report failed detector sidecar-ready: observe() threw: a defect",
      "report failed detector sidecar-ready: observe() threw: a defect",
      "patch status: outcomes none, DetectorFailed=True/DetectorFailed, Ready=Unknown/Progressing, initDigest M6zR.L5Wt, observedGeneration 1",
      "event DetectorFailed",
      "again in 5500 ms",
    ],
  ],
  [
    "a plugin that throws is skipped, and the one below it gets its plan",
    async (play) => {
      play.begin({ detectors: (own) => [...own, plugin("broken", { detect: fails }), plugin("theirs")] });
      play.outcomes.push({ kind: "done" });
      await play.reconcile();
    },
    [
      "probe sidecar => ready",
      "report failed detector broken: detect() threw: a defect",
      "report drift theirs (act): mark-ready",
      "patch status: plan Active theirs at 1/1 mark-ready Pending, outcomes none, DetectorFailed=True/DetectorFailed, Drift=True/Theirs, Ready=True/Ready, Reconciling=True/Progressing, SidecarReady=True/Ready, initDigest M6zR.L5Wt, observedGeneration 1, readinessTransitions",
      "event DetectorFailed",
      "report plan theirs started",
      "run mark-ready => done",
      "patch status: plan null, outcomes 1: theirs Theirs Complete, Reconciling=False/NotReconciling",
      "report plan theirs ended: complete",
      "again in 5500 ms",
    ],
  ],
  [
    "a plugin sees drift below built-ins that see none, and goes on seeing it",
    async (play) => {
      const stage = await play.beginQuiet({ detectors: (own) => [...own, plugin("theirs", { detect: () => null })] });
      stage.detectors.splice(-1, 1, plugin("theirs"));
      play.outcomes.push({ kind: "done" });
      await play.reconcile();
    },
    [
      "probe sidecar => ready",
      "report drift theirs (act): mark-ready",
      "patch status: plan Active theirs at 1/1 mark-ready Pending, Drift=True/Theirs, Reconciling=True/Progressing",
      "report plan theirs started",
      "run mark-ready => done",
      "patch status: plan null, outcomes 1: theirs Theirs Complete, Reconciling=False/NotReconciling",
      "report plan theirs ended: complete",
      "again in 10000 ms",
    ],
  ],
  [
    "a plugin and the gate drift: the gate is opened first",
    async (play) => {
      let asked = 0;
      const detect = (): typeof DRIFT | null => ((asked += 1) < 3 ? DRIFT : null);
      const stage = play.begin({ detectors: (own) => [...own, plugin("theirs", { detect })] });
      stage.gate = "shut";
      await play.settle();
    },
    [
      "probe sidecar => notReady",
      "report drift sidecar-ready (act): mark-ready",
      "patch status: plan Active sidecar-ready at 1/1 mark-ready Pending, outcomes none, Drift=True/SidecarNotReady, Ready=False/NotReady, Reconciling=True/Progressing, SidecarReady=False/NotReady, initDigest M6zR.L5Wt, observedGeneration 1, readinessTransitions",
      "event SidecarReadinessLost",
      "report plan sidecar-ready started",
      "run mark-ready => done",
      "probe sidecar => ready",
      ...HEALED,
    ],
  ],
  [
    "detectors observe at once: one that waits for another's answer gets it",
    async (play) => {
      const { promise, resolve } = Promise.withResolvers<null>();
      const observe = (): Promise<null> => promise;
      play.after.set("probe sidecar", () => resolve(null));
      play.begin({ detectors: (own) => [plugin("theirs", { observe, detect: () => null }), ...own] });
      await play.reconcile();
    },
    [
      "probe sidecar => ready",
      "patch status: outcomes none, Ready=True/Ready, SidecarReady=True/Ready, initDigest M6zR.L5Wt, observedGeneration 1, readinessTransitions",
      "again in 5500 ms",
    ],
  ],
  [
    "a plugin reads the tasks of the sidecar by itself",
    async (play) => {
      const observe: Detector["observe"] = async ({ sidecar, signal }) => {
        await sidecar?.tasks(signal);
        return null;
      };
      play.begin({ detectors: (own) => [...own, plugin("theirs", { observe, detect: () => null })] });
      await play.reconcile();
    },
    [
      "probe sidecar => ready",
      "list sidecar tasks",
      "patch status: outcomes none, Ready=True/Ready, SidecarReady=True/Ready, initDigest M6zR.L5Wt, observedGeneration 1, readinessTransitions",
      "again in 5500 ms",
    ],
  ],
  [
    "a roll-out that has no place mutes nobody below it",
    async (play) => {
      const stage = await play.beginQuiet({ status: SEEN });
      stage.hasPlace = false;
      stage.sidecarImage = "sidecar:v2";
      stage.gate = "shut";
      await play.reconcile();
    },
    [
      "probe sidecar => notReady",
      "take a place of sidecar-image => none left",
      "report drift sidecar-image (act): apply-statefulset apply-service observe-image mark-ready; waits: place",
      "report drift sidecar-ready (act): mark-ready",
      "patch status: plan Active sidecar-ready at 1/1 mark-ready Pending, Drift=True/SidecarImageChanged, Ready=False/SpecNotApplied, Reconciling=True/Progressing, SidecarReady=False/NotReady, readinessTransitions",
      "event SidecarReadinessLost",
      "report plan sidecar-ready started",
      "run mark-ready => done",
      "probe sidecar => ready",
      "patch status: plan null, outcomes 1: sidecar-ready SidecarNotReady Complete healed, Reconciling=False/NotReconciling, SidecarReady=True/Ready, readinessTransitions",
      "event SidecarReadinessRestored",
      "report plan sidecar-ready ended: complete healed",
      "again in 10000 ms",
    ],
  ],
  [
    "a roll-out that needs a place gets it",
    async (play) => {
      const stage = await play.beginQuiet({ status: SEEN });
      stage.sidecarImage = "sidecar:v2";
      await play.reconcile();
    },
    [
      "probe sidecar => ready",
      "take a place of sidecar-image => taken",
      "report drift sidecar-image (act): apply-statefulset apply-service observe-image mark-ready",
      "live read node and its objects",
      "take a place of sidecar-image => taken",
      "report drift sidecar-image (act): apply-statefulset apply-service observe-image mark-ready",
      "patch status: plan Active sidecar-image at 1/4 apply-statefulset Pending, Drift=True/SidecarImageChanged, NodeUpdateInProgress=True/UpdateStarted, Ready=False/SpecNotApplied, Reconciling=True/Progressing",
      "event UpdateStarted",
      "report plan sidecar-image started",
      "run apply-statefulset => done",
      "run apply-service => done",
      "run observe-image => done",
      "run mark-ready => done",
      "probe sidecar => ready",
      "patch status: plan null, outcomes 1: sidecar-image SidecarImageChanged Complete, NodeUpdateInProgress=False/UpdateComplete, Reconciling=False/NotReconciling, rolledOutPod",
      "event UpdateComplete",
      "report plan sidecar-image ended: complete",
      "again in 10000 ms",
    ],
  ],
  [
    "a watch is silent",
    async (play) => {
      const stage = await play.beginQuiet();
      stage.silentMirrors = ["pods"];
      stage.gate = "shut";
      await play.reconcile();
    },
    [
      "probe sidecar => notReady",
      ...PLAN_STORED,
      "run mark-ready => done",
      "probe sidecar => ready",
      "patch status: plan null, outcomes 1: sidecar-ready SidecarNotReady Complete healed, Drift=False/NoDrift, Ready=Unknown/WatchSilent, SidecarReady=True/Ready, readinessTransitions",
      "report attention WatchSilent, was none",
      "event SidecarReadinessRestored",
      "report plan sidecar-ready ended: complete healed",
      "again in 10000 ms",
    ],
  ],
];

test.each(SITUATIONS)("%s", async (_title, play, lines) => {
  expect(await linesOf(play)).toEqual([...lines]);
});
