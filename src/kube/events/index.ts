/**
 * Events, sent behind all other work.
 *
 * Invariants:
 * - an Event is sent once, and a burst of one cause is bounded (test/kube/events/event-recorder.test.ts).
 */
export { createEventRecorder, type LostEvent, type RecordedEvent } from "./event-recorder.ts";
