/**
 * The states of a node that want a person: one table, from which `Ready` takes its reason, Events, log lines and the gauge
 * follow (`attention.ts`), and docs/reference.md is written.
 */

/** What one state is told with. */
export interface AttentionState {
  /** Conditions that say why, the first that has the reason; `Drift`, and none, where `Ready` says it itself. */
  readonly sources: readonly ("Stalled" | "HeldByWorkflow" | "TakeOver" | "Paused" | "Drift" | "Reconciling")[];
  /** What `Ready` is meanwhile; `asGate` = what it would be without the state. */
  readonly ready: "False" | "asGate";
  /** Type of its Event; `own` = something else sends one of its reason; null = a whole fleet comes to it at once, so that it is told once a process, not once a node. */
  readonly event: "Warning" | "Normal" | "own" | null;
  /** What a person does about it: one sentence. */
  readonly remedy: string;
}

const STALLED = { sources: ["Stalled"], ready: "False", event: "Warning" } as const;
const HELD = { sources: ["HeldByWorkflow"], event: "Normal" } as const;

/** Each state by the reason that names it, in `Ready`, its Event, the log and the gauge alike. */
export const ATTENTION_STATES = {
  InvalidSpec: { ...STALLED, remedy: "Correct the field that the message names." },
  UnsupportedSpec: {
    ...STALLED,
    remedy:
      "Take back the edit that brought the fields which the message names (kubectl diff, or its history in git): the mode that was there before with them. Or leave the node to the controller that serves them.",
  },
  SpecTooLarge: { ...STALLED, remedy: "Make the spec smaller than 256 KiB." },
  DataVolumeLost: {
    ...STALLED,
    remedy:
      "Restore the volume, or accept the claim that is there now, by the command in the message. Then delete the Pod where it is older than the claim: it still runs on the old volume.",
  },
  StatusLost: {
    ...STALLED,
    remedy:
      "Accept the claim as it is (tidekeeper.sei.io/accept-data-volume with its UID), or initialise the node anew (tidekeeper.sei.io/reinitialize).",
  },
  ConsentNeeded: {
    ...STALLED,
    sources: ["Stalled", "TakeOver"],
    remedy:
      "Set the annotation that the message names, once you want what it says; or set the image back to what runs.",
  },
  CRDTooOld: { ...STALLED, remedy: "Apply the CRD of this version: tidekeeper manifests | kubectl apply -f -." },
  TearDownFailed: { ...STALLED, remedy: "Grant or allow what the message says was refused; it is tried again." },
  ObjectRefused: {
    ...STALLED,
    remedy: "Correct the spec, the quota or the admission rule that the message names; it goes on by itself.",
  },
  InitFailed: {
    ...STALLED,
    remedy: "Remove the cause, then set the annotation tidekeeper.sei.io/reinitialize to a new word.",
  },
  Paused: {
    sources: ["Paused"],
    ready: "False",
    event: "Normal",
    remedy: "Unset spec.paused when the node is to run again.",
  },
  AdoptedWorkflow: {
    ...HELD,
    ready: "asGate",
    remedy:
      'Wait for the workflow. If its owner is gone for good, clear the field: kubectl patch seinode NAME -n NS --subresource=status --type=merge -p \'{"status":{"adoptedWorkflow":null}}\'.',
  },
  WorkflowInProgress: {
    ...HELD,
    ready: "asGate",
    remedy: "Wait for the workflow; if its owner is gone for good, set condition WorkflowInProgress to False.",
  },
  GateShutOnPurpose: {
    ...HELD,
    ready: "False",
    event: "Warning",
    remedy:
      'Whoever shut the gate posts mark-ready when the node\'s data is whole: kubectl port-forward pod/NAME-0 7777, then curl -d \'{"type":"mark-ready"}\' localhost:7777/v0/tasks.',
  },
  GateHistoryUnknown: {
    ...HELD,
    ready: "False",
    event: "Warning",
    remedy: "If the node's data is whole, set the annotation tidekeeper.sei.io/open-gate to the UID of its Pod.",
  },
  UpdateFailed: {
    sources: ["Drift"],
    ready: "asGate",
    event: "Warning",
    remedy: "Correct the image, or what kept it from running; the next try comes by itself, or at once after an edit.",
  },
  BackingOff: {
    sources: ["Drift"],
    ready: "asGate",
    event: "Warning",
    remedy: "Remove what the last line of status.outcomes says; the next try comes by itself.",
  },
  PodNotRunning: {
    sources: [],
    ready: "asGate",
    event: "own",
    remedy:
      "Mend what the message names: the image, the machine, the volume, the quota or the policy; it goes on by itself.",
  },
  WatchSilent: {
    sources: ["Reconciling"],
    ready: "asGate",
    event: null,
    remedy: "See what is between the controller and the API server; tidekeeper_watch_healthy names the watch.",
  },
} as const satisfies Readonly<Record<string, AttentionState>>;

/** The reason that names a state. */
export type AttentionReason = keyof typeof ATTENTION_STATES;

/** All of them, in the order of the table. */
export const ATTENTION_REASONS: readonly AttentionReason[] = Object.keys(ATTENTION_STATES).filter((reason) =>
  isAttentionReason(reason),
);

/** Whether a reason names a state that wants a person. */
export function isAttentionReason(reason: string): reason is AttentionReason {
  return Object.hasOwn(ATTENTION_STATES, reason);
}

/** The entry of a state, with what only some have. */
export function attentionState(reason: AttentionReason): AttentionState {
  return ATTENTION_STATES[reason];
}
