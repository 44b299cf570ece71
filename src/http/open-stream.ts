/** Opens a watch: a request whose reply is read as it comes. */
import type { ClientRequest, IncomingMessage } from "node:http";
import type { HttpStream, TransportError } from "../base/index.ts";
import type { CallDeadline } from "./call-deadline.ts";
import { transportFault } from "./transport-fault.ts";

/** A stream whose head has arrived, and how to close it unread. */
export interface OpenedStream {
  readonly stream: HttpStream;
  readonly close: () => void;
}

/** A request whose reply is read as it comes. */
export interface StreamCall {
  readonly what: () => string;
  readonly open: (onReply: (incoming: IncomingMessage) => void) => ClientRequest;
  readonly body: string | undefined;
}

/**
 * Sends the request and resolves at the head of the reply; the deadline ends there, the signal goes on.
 *
 * The deadline is released when the body ends, fails or is broken off; when this rejects, the caller releases it.
 */
export function openStream(call: StreamCall, deadline: CallDeadline): Promise<OpenedStream> {
  return new Promise((resolve, reject) => {
    if (deadline.error !== null) return reject(deadline.error);
    let request: ClientRequest | null = null;
    const fail = (error: TransportError): void => {
      request?.destroy();
      reject(error);
    };
    try {
      request = call.open((incoming) => {
        deadline.stopClock();
        const close = (): void => {
          // An error without a listener would be a crash.
          incoming.on("error", () => {});
          incoming.destroy();
        };
        const body = { [Symbol.asyncIterator]: () => chunksOf(incoming, call.what, deadline) };
        resolve({ stream: { status: incoming.statusCode ?? 0, headers: headersOf(incoming), body }, close });
        // Unread data holds no error back: the body may be given up on before anybody reads it.
        incoming.on("error", () => {});
        deadline.whenOver((error) => incoming.destroy(error));
      });
      request.on("error", (cause) => reject(transportFault(cause, call.what())));
      deadline.whenOver(fail);
      request.end(call.body);
    } catch (cause) {
      fail(transportFault(cause, call.what()));
    }
  });
}

async function* chunksOf(
  incoming: IncomingMessage,
  what: () => string,
  deadline: CallDeadline,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    if (deadline.error !== null) throw deadline.error;
    for await (const chunk of incoming) yield chunk;
  } catch (cause) {
    throw deadline.error ?? transportFault(cause, what());
  } finally {
    deadline.release();
    incoming.destroy();
  }
}

/** Headers as one text each. */
function headersOf(incoming: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = typeof value === "string" ? value : value.join(", ");
  }
  return headers;
}
