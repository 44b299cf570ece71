/** A Kubernetes client that answers as told, in order, and keeps what it was asked. */
import type { ApiFailure, FailureKind, KubeClient, ResourceRef, Result } from "../../src/kube/client/index.ts";
import type { Permit } from "../../src/base/index.ts";

/** One request: the verb, the object as `plural/name`, and the body or the options. */
export interface Asked {
  readonly verb: string;
  readonly what: string;
  readonly body: unknown;
}

/** A failure of this kind. */
export function failing(kind: FailureKind, change: Partial<ApiFailure> = {}): Result<never> {
  const failure = { kind, status: null, reason: "", message: kind, retryAfterMs: null, maybeDone: false, ...change };
  return { ok: false, failure };
}

/** A value. */
export function giving(value: unknown): Result<unknown> {
  return { ok: true, value };
}

/** Builds the client; one request too many is a failure of the test. */
export function scriptedClient(replies: readonly Result<unknown>[]): { client: KubeClient; asked: Asked[] } {
  const left = [...replies];
  const asked: Asked[] = [];
  const next = async (
    verb: string,
    ref: ResourceRef,
    { body, permit }: { readonly body: unknown; readonly permit?: Permit | undefined },
  ): Promise<Result<unknown>> => {
    const why = permit?.() ?? null;
    if (why !== null) return failing("withheld", { message: why });
    const what = [ref.plural, ref.name, ref.subresource].filter((part) => part !== undefined).join("/");
    asked.push({ verb, what, body });
    const reply = left.shift();
    if (reply === undefined) throw new Error(`nobody expected ${verb} ${what}`);
    return reply;
  };
  return {
    asked,
    client: {
      get: (ref) => next("get", ref, { body: null }),
      mergePatch: (ref, body, limits) => next("patch", ref, { body, permit: limits?.permit }),
      apply: (ref, body, { force, fieldManager, permit }) => {
        const as = fieldManager === "tidekeeper" ? "" : ` as ${fieldManager}`;
        return next(`apply${force ? " forced" : ""}${as}`, ref, { body, permit });
      },
      create: (ref, body, limits) => next("create", ref, { body, permit: limits?.permit }),
      remove: (ref, { permit, ...body } = {}) => next("remove", ref, { body, permit }),
      accessReview: async () => failing("unreachable"),
    },
  };
}
