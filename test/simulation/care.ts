/** Whoever looks after the nodes when a day is over: reads what they tell, answers it, and says which are not at rest. */
import type { JsonObject } from "../../src/base/index.ts";
import type { SimCluster } from "../../src/sim/index.ts";
import { takenAs } from "../cluster/harness/taken-as.ts";
import type { NodeObject } from "./facts.ts";
import { type Operator, PATHS } from "./operator.ts";

const SPACE = "sei";

/** What it works with. */
export interface CareParts {
  readonly sim: SimCluster;
  readonly operator: Operator;
  readonly tell: (done: unknown) => void;
  /** Titles of what was done to the nodes. */
  readonly done: () => readonly string[];
  /** Another text every two minutes, so that what failed again is asked for again. */
  readonly word: () => string;
}

/** See above. */
export class Care {
  readonly #sim: SimCluster;
  readonly #operator: Operator;
  readonly #tell: (done: unknown) => void;
  readonly #done: () => readonly string[];
  readonly #word: () => string;

  constructor({ sim, operator, tell, done, word }: CareParts) {
    this.#sim = sim;
    this.#operator = operator;
    this.#tell = tell;
    this.#done = done;
    this.#word = word;
  }

  /** What a person does who reads the conditions, and a workflow that is over. */
  mend(name: string): void {
    const { control } = this.#sim;
    const pod = control.placedPods().find((one) => one.pod === `${name}-0`);
    if (pod !== undefined && control.isShutOnPurpose(pod.podUid)) control.submitTask(SPACE, name, "mark-ready");
    const conditions = this.node(name)?.status?.conditions ?? [];
    const reasons = new Set(conditions.flatMap(({ status, reason }) => (status === "False" ? [] : [reason])));
    // A Pod of another template is a person's to replace, and so is one that was edited by hand.
    const isEdited = this.#done().includes("pod image by hand") && this.#isEdited(name);
    const isOutdated = reasons.has("TemplateChanged");
    if (isOutdated || isEdited || this.#isOlderThanClaim(name)) this.#tell(this.#operator.remove(PATHS.pod(name)));
    this.#answer(name, reasons);
  }

  /** It runs on the volume of an earlier claim, and is given nothing until somebody replaces it. */
  #isOlderThanClaim(name: string): boolean {
    const { control } = this.#sim;
    const pod = madeAt(control.object("pods", SPACE, `${name}-0`));
    return pod !== "" && pod < madeAt(control.object("persistentvolumeclaims", SPACE, `data-${name}`));
  }

  #answer(name: string, reasons: ReadonlySet<string>): void {
    const { control } = this.#sim;
    const takeOver = this.node(name)?.status?.conditions?.find(({ type }) => type === "TakeOver");
    const isAsked = takeOver?.status === "False" && takeOver.reason === "ConsentNeeded";
    const words = {
      ...(isAsked ? { "tidekeeper.sei.io/take-over": "yes" } : {}),
      ...consentOf(reasons, {
        claim: uidOf(control.object("persistentvolumeclaims", SPACE, `data-${name}`)),
        pod: uidOf(control.object("pods", SPACE, `${name}-0`)),
      }),
    };
    // An init that lost its volume on the way has failed for good, unless somebody wants it again.
    const wantsAgain = this.node(name)?.status?.phase === "Failed" && !this.#done().includes("orphan");
    const again = wantsAgain ? { "tidekeeper.sei.io/reinitialize": this.#word() } : {};
    const said = { ...words, ...again };
    if (Object.keys(said).length > 0) this.#tell(this.#operator.annotate(name, said));
  }

  node(name: string): NodeObject | null {
    return takenAs<NodeObject | null>(this.#sim.control.object("seinodes", SPACE, name));
  }

  #isEdited(name: string): boolean {
    const pod = this.#sim.control.object("pods", SPACE, `${name}-0`);
    const { generation } = takenAs<{ generation?: number }>(pod?.["metadata"] ?? {});
    return (generation ?? 1) > 1;
  }

  /** Only of a node that was brought up, is to stay, and runs on its own volume. */
  gateUnrest(name: string): string | null {
    const node = this.node(name);
    if (node?.status?.phase !== "Running" || node.metadata.deletionTimestamp !== undefined) return null;
    const pod = this.#sim.control.placedPods().find((one) => one.pod === `${name}-0`);
    if (pod?.volumeUid !== node.status.dataVolume?.uid) return null;
    return this.#sim.control.isGateOpen(SPACE, name) ? null : this.#told(name);
  }

  unrest(name: string): string | null {
    const node = this.node(name);
    const status = node?.status;
    const ready = status?.conditions?.find(({ type }) => type === "SidecarReady")?.status;
    const isAtRest =
      status?.phase === "Running" &&
      ready === "True" &&
      (status.plan ?? null) === null &&
      status.currentImage === node?.spec.image &&
      this.#sim.control.isGateOpen(SPACE, name);
    return isAtRest ? null : this.#told(name);
  }

  #told(name: string): string {
    const node = this.node(name);
    const { phase, plan, currentImage, conditions = [] } = node?.status ?? {};
    const told = conditions.flatMap(({ type, status, reason }) => (status === "False" ? [] : [`${type}=${reason}`]));
    const step = plan?.tasks.find(({ status }) => status !== "Complete")?.type ?? "none";
    const gate = this.#sim.control.isGateOpen(SPACE, name) ? "open" : "shut";
    return `gate ${gate}, ${phase ?? "no phase"}, ${currentImage ?? "no image"} of ${node?.spec.image}, step ${step}, ${told.join(" ")}`;
  }
}

/** The annotations with which a person answers what a node is stalled for. */
function consentOf(
  reasons: ReadonlySet<string>,
  { claim, pod }: { readonly claim: string; readonly pod: string },
): Readonly<Record<string, string>> {
  const isLost = reasons.has("DataVolumeLost") || reasons.has("StatusLost");
  return {
    ...(isLost ? { "tidekeeper.sei.io/accept-data-volume": claim } : {}),
    ...(reasons.has("ConsentNeeded") ? { "tidekeeper.sei.io/adopt": claim } : {}),
    ...(reasons.has("GateHistoryUnknown") ? { "tidekeeper.sei.io/open-gate": pod } : {}),
  };
}

/** When an object was made; empty when there is none. */
function madeAt(object: JsonObject | null): string {
  return takenAs<{ creationTimestamp?: string }>(object?.["metadata"] ?? {}).creationTimestamp ?? "";
}

/** UID of an object; empty when there is none. */
export function uidOf(object: JsonObject | null): string {
  return takenAs<{ uid?: string }>(object?.["metadata"] ?? {}).uid ?? "";
}
