/** Runs a command that looks, and says in a line what it came to nothing for. */
import type { LaptopConfig } from "../config/index.ts";
import { ConnectionError } from "../kube/connect/index.ts";
import { complete, completionText, namesOf } from "./complete.ts";
import { completionScript } from "./completion.ts";
import { doctor } from "./doctor.ts";
import { drift } from "./drift.ts";
import { explain } from "./explain.ts";
import { Failure } from "./failure.ts";
import { get } from "./get.ts";
import { history } from "./history.ts";
import type { Stage } from "./reading.ts";

/** Runs it. Returns the exit code: 0 done, 1 failed (of `drift`: drift was found), 2 wrong use (of `drift`: failed). */
export async function runLaptop(config: LaptopConfig, stage: Stage): Promise<number> {
  try {
    return await execute(config, stage);
  } catch (error) {
    const known = knownFailure(error);
    if (known === null) throw error;
    await stage.world.write("stderr", known.problems.map((problem) => `tidekeeper: ${problem}\n`).join(""));
    return config.command === "drift" ? 2 : known.exitCode;
  }
}

function knownFailure(error: unknown): Pick<Failure, "problems" | "exitCode"> | null {
  if (error instanceof Failure) return error;
  return error instanceof ConnectionError ? { problems: [error.message], exitCode: 2 } : null;
}

async function execute(config: LaptopConfig, stage: Stage): Promise<number> {
  switch (config.command) {
    case "drift":
      return drift(config, stage);
    case "explain":
      return explain(config, stage);
    case "history":
      return history(config, stage);
    case "get":
      return get(config, stage);
    case "doctor":
      return doctor(config, stage);
    case "completion":
      await stage.world.write("stdout", completionScript(config.shell));
      return 0;
    case "__complete":
      await stage.world.write("stdout", completionText(await complete(config.words, stage.world.env, namesOf(stage))));
      return 0;
  }
}
