/** The task `upload-genesis-artifacts`: the sidecar delivers its part of the genesis. */
import { polledTask } from "../polled-task.ts";

/** The sidecar delivers its part of the genesis. */
export const uploadGenesisArtifacts = polledTask({
  type: "upload-genesis-artifacts",
  about: "delivers its part of the genesis",
  params: { nodeName: "text!" },
});
