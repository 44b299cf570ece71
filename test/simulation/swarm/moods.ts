/** A detector of somebody else's that has moods: it throws, never answers, or says what is no answer. */
import type { Timers } from "../../../src/base/index.ts";
import type { LifeOptions } from "../life.ts";
import { takenAs } from "../../cluster/harness/taken-as.ts";

/** What it does when it is asked. */
export type Mood = "well" | "dies" | "hangs" | "talks nonsense" | "wants what is not there";

type Plugin = NonNullable<LifeOptions["plugins"]>[number];

/** The mood of the plugins of all processes. */
export class Moods {
  mood: Mood = "well";

  plugin(timers: Timers): Plugin {
    const detector = {
      name: "moody",
      everyMs: 10_000,
      observe: async (): Promise<unknown> => {
        if (this.mood === "dies") throw new Error("the plugin's process ended: signal 9");
        if (this.mood === "hangs") await new Promise<void>((resolve) => void timers.after(600_000, resolve));
        return this.mood === "talks nonsense" ? { self: () => 1, big: 10n } : { seen: 1 };
      },
      detect: (): unknown => {
        if (this.mood === "wants what is not there")
          return { reason: "no good", message: "x", tasks: [{ type: "no-such-task", params: {} }] };
        return this.mood === "talks nonsense" ? "drift" : null;
      },
    };
    return { file: "moody.ts", detector: takenAs<Plugin["detector"]>(detector) };
  }
}
