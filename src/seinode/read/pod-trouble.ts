/**
 * Why a Pod does not run, as far as the Pod itself tells it: the kubelet's and the scheduler's own reasons and words.
 *
 * Who tells it goes to and fro while it lasts (a pull that fails and one that waits, a crash and the pause after it), and
 * some words count up; each change would be a write, so what is one cause has one text.
 */
import { arrayAt, field, integerAt, isObject, objectAt, plainLine, stringAt } from "../../base/index.ts";
import type { Trouble } from "../../model/index.ts";

/** Reasons with which every container begins. */
const ORDINARY: ReadonlySet<string> = new Set(["", "ContainerCreating", "PodInitializing"]);
const PULLS: ReadonlySet<string> = new Set(["ErrImagePull", "ImagePullBackOff"]);
/** A volume is bound and a network is there within seconds, mostly. */
const ORDINARY_MS = 60_000;
const UNSCHEDULED_MS = 15_000;
const MAX_TEXT = 512;

/** What keeps the Pod of that name from running; null when nothing does, or nothing is told yet. Never throws. */
export function readTrouble(name: string, spec: unknown, status: unknown): Trouble | null {
  const found = ended(status) ?? unscheduled(status) ?? waiting(spec, status) ?? withoutSandbox(status);
  return found === null ? null : { ...found, message: cut(`Pod ${name}: ${found.message}`) };
}

function ended(status: unknown): Trouble | null {
  if (stringAt(status, "phase") !== "Failed") return null;
  return told(stringAt(status, "reason") || "Failed", stringAt(status, "message"));
}

function unscheduled(status: unknown): Trouble | null {
  const scheduled = conditionAt(status, "PodScheduled");
  if (stringAt(scheduled, "status") !== "False") return null;
  const trouble = told(stringAt(scheduled, "reason") || "Unschedulable", stringAt(scheduled, "message"));
  // The claim of a new node takes a while to be bound.
  return { ...trouble, ordinaryMs: UNSCHEDULED_MS };
}

/** The first container that cannot start, in the order in which they do. */
function waiting(spec: unknown, status: unknown): Trouble | null {
  const parts = [
    ["init container", arrayAt(spec, "initContainers"), arrayAt(status, "initContainerStatuses")],
    ["container", arrayAt(spec, "containers"), arrayAt(status, "containerStatuses")],
  ] as const;
  for (const [kind, containers, states] of parts) {
    for (const container of containers) {
      const name = stringAt(container, "name") ?? "";
      const state = states.find((item) => stringAt(item, "name") === name);
      const found = ofContainer(stringAt(container, "image") ?? "", state);
      if (found === null) continue;
      const isSidecar = stringAt(container, "restartPolicy") === "Always";
      return { ...found, message: `${isSidecar ? "container" : kind} ${name}: ${found.message}` };
    }
  }
  return null;
}

function ofContainer(image: string, status: unknown): Trouble | null {
  const state = field(objectAt(status, "state"), "waiting");
  const reason = stringAt(state, "reason") ?? "";
  if (ORDINARY.has(reason)) return null;
  const words = stringAt(state, "message");
  if (PULLS.has(reason)) return pull(image, reason, words ?? "");
  return reason === "CrashLoopBackOff" ? crash(status) : told(reason, words);
}

/** The kubelet tries, fails (`ErrImagePull`) and waits (`ImagePullBackOff`, since 1.31 with the words of the failure). */
function pull(image: string, reason: string, words: string): Trouble {
  const rest = words.replace(/^Back-off pulling image (?:"[^"]*"|\S+?)(?:: |$)/, "");
  const why = reason === "ErrImagePull" ? `ErrImagePull: ${rest}` : rest;
  return told("ImagePullBackOff", `image ${image}${why === "" ? "" : `: ${why}`}`);
}

/** The kubelet's own words tell how long the pause is, which grows. */
function crash(status: unknown): Trouble {
  const last = field(objectAt(status, "lastState"), "terminated");
  const reason = stringAt(last, "reason") ?? "";
  const said = stringAt(last, "message") ?? "";
  const how = `exit code ${integerAt(last, "exitCode") ?? "unknown"}${reason === "" ? "" : ` (${reason})`}`;
  const what = isObject(last) ? `it ended with ${how}${said === "" ? "" : `: ${said}`}` : "it ends again and again";
  return { ...told("CrashLoopBackOff", what), recurs: true };
}

/** It has a machine, and nothing of it was begun there. */
function withoutSandbox(status: unknown): Trouble | null {
  const isScheduled = stringAt(conditionAt(status, "PodScheduled"), "status") === "True";
  const isReady = stringAt(conditionAt(status, "PodReadyToStartContainers"), "status") !== "False";
  if (!isScheduled || isReady || stringAt(status, "phase") !== "Pending") return null;
  const why = "its machine has not begun it: a volume that cannot be mounted, or no network. Its Events say more";
  return { ...told("ContainerCreating", why), ordinaryMs: ORDINARY_MS };
}

function conditionAt(status: unknown, type: string): unknown {
  return arrayAt(status, "conditions").find((item) => stringAt(item, "type") === type);
}

function told(reason: string, words: string | null): Trouble {
  const plain = cut(reason);
  return { reason: plain, message: words === null || words === "" ? plain : `${plain}: ${words}` };
}

/** One printable line, of a length that a condition can hold. */
function cut(text: string): string {
  return plainLine(text, MAX_TEXT);
}
