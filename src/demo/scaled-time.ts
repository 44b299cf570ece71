/** A clock that runs faster, for `demo --speed`. */
import type { Clock, Timers } from "../base/index.ts";

/** Clock and timers that run `speed` times as fast as those given. */
export function scaledTime(
  { clock, timers }: { readonly clock: Clock; readonly timers: Timers },
  speed: number,
): { readonly clock: Clock; readonly timers: Timers } {
  const start = { mono: clock.mono(), wall: clock.wall() };
  return {
    clock: {
      mono: () => start.mono + (clock.mono() - start.mono) * speed,
      wall: () => Math.round(start.wall + (clock.wall() - start.wall) * speed),
    },
    timers: { after: (ms, run) => timers.after(ms / speed, run) },
  };
}
