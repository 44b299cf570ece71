/** JSON as bytes. */

const decoder = new TextDecoder();

/** The JSON in a body, as `parse` reads it; undefined when it is none. */
export function parseJson(body: Uint8Array, parse: (text: string) => unknown = JSON.parse): unknown {
  try {
    return parse(decoder.decode(body));
  } catch {
    return undefined;
  }
}
