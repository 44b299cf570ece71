/** A wire between a controller and the API server that a test can let fall silent, tear or unplug. Bytes stay closed to it. */
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { Cluster } from "./cluster.ts";
import type { Installation } from "./controller.ts";
import { throughPort } from "./hold-proxy.ts";
import { takenAs } from "./taken-as.ts";

/** The wire. */
export interface Wire {
  /** The installation as seen through this wire. */
  readonly installation: Installation;
  /** Connections there are fall silent for good, with no end in either direction; new ones work. */
  readonly silence: () => void;
  /** Connections there are end with a reset; new ones work. */
  readonly reset: () => void;
  /** Connections there are end with a reset, new ones too, until `plug`. */
  readonly unplug: () => void;
  readonly plug: () => void;
  readonly close: () => void;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

/** Lays the wire. */
export async function layWire(cluster: Cluster, installation: Installation): Promise<Wire> {
  const pairs = new Set<Pair>();
  const target = new URL(cluster.server);
  let isPlugged = true;
  const server = createServer((near) => {
    near.on("error", () => undefined);
    if (!isPlugged) return void near.resetAndDestroy();
    const far = connect(Number(target.port), target.hostname);
    far.on("error", () => undefined);
    const pair = { near, far };
    pairs.add(pair);
    near.pipe(far);
    far.pipe(near);
    const end = (): void => {
      if (!pairs.delete(pair)) return;
      near.destroy();
      far.destroy();
    };
    near.on("close", end);
    far.on("close", end);
  });
  const { promise: listening, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", () => resolve());
  await listening;
  const reset = (): void => {
    for (const pair of pairs) {
      pairs.delete(pair);
      pair.near.resetAndDestroy();
      pair.far.destroy();
    }
  };
  return {
    installation: throughPort(cluster, installation, takenAs<AddressInfo>(server.address()).port),
    silence() {
      for (const pair of pairs) {
        // Forgotten, so that the end of one side is not told to the other.
        pairs.delete(pair);
        for (const [one, other] of [
          [pair.near, pair.far],
          [pair.far, pair.near],
        ] as const) {
          one.unpipe(other);
          one.pause();
        }
      }
    },
    reset,
    unplug() {
      isPlugged = false;
      reset();
    },
    plug: () => void (isPlugged = true),
    close() {
      reset();
      server.close();
    },
  };
}
