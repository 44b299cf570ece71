/** What a promise was rejected with. */
import { TransportError } from "../../src/base/index.ts";

/** The transport error a promise rejects with; anything else is thrown on. */
export async function caught(promise: Promise<unknown>): Promise<TransportError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof TransportError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}
