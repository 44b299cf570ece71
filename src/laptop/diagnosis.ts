/** What `tidekeeper doctor` finds of one thing. */

/** One finding. */
export interface Diagnosis {
  /** What was looked at. */
  readonly name: string;
  /** `problem` keeps a controller from working, `warning` may, `skipped` could not be looked at. */
  readonly state: "ok" | "warning" | "problem" | "skipped";
  /** What was seen, in a sentence. */
  readonly saw: string;
  /** What a person does about it. */
  readonly remedy?: string;
  /** YAML that the remedy applies. */
  readonly yaml?: string;
}

/** All is well. */
export function ok(name: string, saw: string): Diagnosis {
  return { name, state: "ok", saw };
}

/** Something is not, and this mends it. */
export function problem(name: string, saw: string, remedy: string): Diagnosis {
  return { name, state: "problem", saw, remedy };
}

/** Something may not be. */
export function warning(name: string, saw: string, remedy: string): Diagnosis {
  return { name, state: "warning", saw, remedy };
}

/** It could not be looked at. */
export function skipped(name: string, saw: string): Diagnosis {
  return { name, state: "skipped", saw };
}
