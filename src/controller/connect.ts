/** Gives the reader of kubeconfigs its files, environment and programs. */
import type { ConnectionPorts, ExecReply } from "../kube/connect/index.ts";
import { certificateEnd, type ExecOutcome, keyFits, type World } from "../host/index.ts";

const MAX_FILE_BYTES = 2 * 1024 * 1024;

/** The World as connecting takes it; `stopping` calls off a program that is asking somebody. */
export function connectionPorts(world: World, stopping: AbortSignal): ConnectionPorts {
  return {
    env: world.env,
    clock: world.clock,
    homeDirectory: world.env["HOME"] ?? "/",
    async readFile(path) {
      const file = await world.files.readText(path, { maxBytes: MAX_FILE_BYTES });
      if (file.ok) return file.text;
      if (file.code === "MISSING") return null;
      throw new Error(file.message);
    },
    fileMode: async (path) => (await world.files.stat(path))?.mode ?? null,
    isTerminal: world.isTerminal,
    // As kubectl does, a program is looked for where we were, not where its own environment would have it looked for.
    exec: async (program) => {
      const searchPath = world.env["PATH"] ?? "";
      return execReply(await world.exec({ ...program, searchPath, signal: stopping }));
    },
    certificateEnd,
    keyFits,
  };
}

const FAILURES = { NOT_STARTED: "absent", DEADLINE: "timeout", TOO_LARGE: "tooLarge", ABORTED: "calledOff" } as const;

function execReply(outcome: ExecOutcome): ExecReply {
  if (outcome.kind === "failed") {
    return { code: null, stdout: "", stderr: outcome.stderr, failure: FAILURES[outcome.code] };
  }
  return { code: outcome.code, stdout: outcome.stdout, stderr: outcome.stderr, failure: null };
}
