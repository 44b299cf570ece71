/** The program. Signals first: as PID 1 nothing else would hear SIGTERM. */
import { dispatch } from "./dispatch.ts";
import { oneLine } from "../base/index.ts";
import { guardProcess, host } from "../host/index.ts";

const stop = new AbortController();
guardProcess({
  onStop: (signal) => stop.abort(signal),
  // Continuing after an error nobody expected could act on half a state; a restart starts from what is stored.
  onCrash: (error) => `tidekeeper: defect, ending: ${oneLine(error)}\n`,
});

host.exit(await dispatch({ host, stopping: stop.signal }));
