/** Why a command that looks came to nothing. */

/** The lines that say so, and the exit code. */
export class Failure extends Error {
  readonly problems: readonly string[];
  /** 2 = wrong use or configuration. */
  readonly exitCode: 1 | 2;
  constructor(problems: readonly string[], exitCode: 1 | 2) {
    super(problems.join("; "));
    this.name = "Failure";
    this.problems = problems;
    this.exitCode = exitCode;
  }
}
