/** A list with selectors, as the API server sends it: for the readers that a controller has. */
import { arrayAt, oneLine, stringAt, TransportError } from "../base/index.ts";
import type { Reading } from "./reading.ts";
import type { Asked } from "./typed-apis.ts";

const LIMITS = { deadlineMs: 10_000, maxBytes: 32 * 1024 * 1024 };

/** The items behind a path such as `/api/v1/pods`. */
export async function rawList(
  { api, stopping: signal }: Pick<Reading, "api" | "stopping">,
  path: string,
  query: Readonly<Record<string, string>> = {},
): Promise<Asked<readonly unknown[]>> {
  const text = new URLSearchParams(query).toString();
  try {
    const full = text === "" ? path : `${path}?${text}`;
    const { status, body } = await api.request({ method: "GET", path: full }, { ...LIMITS, signal });
    const reply: unknown = JSON.parse(new TextDecoder().decode(body));
    if (status === 200) return { ok: true, value: arrayAt(reply, "items") };
    return { ok: false, fault: { status, why: stringAt(reply, "message") ?? `got ${status}, want a list` } };
  } catch (error) {
    const why = error instanceof TransportError ? error.clause : oneLine(error);
    return { ok: false, fault: { status: 0, why } };
  }
}
