/** A body that is still being written: pushed on one side, iterated on the other. */

/** An open body. Breaking off the iteration closes it. */
export interface ByteStream {
  push(bytes: Uint8Array): void;
  /** No more will come; what was pushed is still delivered. */
  end(): void;
  /** The connection breaks: the reader gets `error` after what was pushed. */
  fail(error: Error): void;
  onClose(run: () => void): void;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** An empty, open body. */
export function byteStream(): ByteStream {
  const queue: Uint8Array[] = [];
  let wake: (() => void) | null = null;
  let state: "open" | "ended" | Error = "open";
  let closers: (() => void)[] = [];

  function close(next: "ended" | Error): void {
    if (state !== "open") return;
    state = next;
    const run = closers;
    closers = [];
    for (const closer of run) closer();
    wake?.();
  }

  async function* read(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const chunk = queue.shift();
        if (chunk) yield chunk;
        else if (state === "ended") return;
        else if (state !== "open") throw state;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      close("ended");
    }
  }

  return {
    push(bytes) {
      if (state !== "open") return;
      queue.push(bytes);
      wake?.();
    },
    end: () => close("ended"),
    fail: (error) => close(error),
    onClose(run) {
      if (state === "open") closers.push(run);
      else run();
    },
    chunks: { [Symbol.asyncIterator]: () => read() },
  };
}
