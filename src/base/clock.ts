/** Clock, timers and chance: the parts of the World that rooms are given (`src/host/world.ts` has the whole). */

/** Milliseconds: `mono` never goes back, `wall` is Unix time. */
export interface Clock {
  mono(): number;
  wall(): number;
}

/** Runs `run` once after `ms`; the returned function cancels. Delays over 24 h are clamped. */
export interface Timers {
  after(ms: number, run: () => void): () => void;
}

/** `u32` is uniform over 0..2^32-1; `uuid4` is random. */
export interface Random {
  u32(): number;
  uuid4(): string;
}
