/** One page of a list. */
import { type ParseJson, readRefusal } from "../client/index.ts";
import type { AttemptEnd } from "./reflector-step.ts";
import { type ApiTransport, field, parseJson, textAt, TransportError } from "../../base/index.ts";

/** A page that came, or why none did. */
export interface ListPage {
  readonly ending: AttemptEnd;
  readonly items: readonly unknown[];
}

const DEADLINE_MS = 30_000;
/** Read, a page takes some ten times that for a moment. 500 objects of 16 KiB, which most are not half of. */
const MAX_BYTES = 8 * 1024 * 1024;
/** Of a list that cannot be had by pages. */
const MAX_WHOLE_BYTES = 128 * 1024 * 1024;

/** Asks for one page of a list. Rejects only on a defect. */
export async function requestPage({
  transport,
  path,
  parse = JSON.parse,
  signal,
  isWhole = false,
  deadlineMs = DEADLINE_MS,
}: {
  readonly transport: ApiTransport;
  readonly path: string;
  readonly parse?: ParseJson;
  readonly signal: AbortSignal;
  /** No page but all there is. */
  readonly isWhole?: boolean;
  /** 30 s unless given. */
  readonly deadlineMs?: number;
}): Promise<ListPage> {
  const limits = { deadlineMs, maxBytes: isWhole ? MAX_WHOLE_BYTES : MAX_BYTES, signal };
  try {
    const reply = await transport.request({ method: "GET", path, headers: { accept: "application/json" } }, limits);
    const body = parseJson(reply.body, parse);
    if (reply.status === 200) return readPage(body);
    const refusal = readRefusal(reply.status, body, reply.headers["retry-after"] ?? null);
    return none({ kind: "refused", version: null, refusal, inStream: false });
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    if (error.code === "TOO_LARGE") return none({ kind: "tooLarge", version: null, why: error.clause });
    return none({ kind: "unreachable", version: null, why: error.clause });
  }
}

function readPage(body: unknown): ListPage {
  const metadata = field(body, "metadata");
  const version = textAt(metadata, "resourceVersion");
  const items = field(body, "items");
  if (version === "" || !(Array.isArray(items) || items === null))
    return none({
      kind: "broken",
      version: null,
      why: "got a page without items or metadata.resourceVersion, want a list",
    });
  const continueToken = textAt(metadata, "continue");
  return {
    ending: { kind: "page", version, continueToken: continueToken === "" ? null : continueToken },
    items: items ?? [],
  };
}

function none(ending: AttemptEnd): ListPage {
  return { ending, items: [] };
}
