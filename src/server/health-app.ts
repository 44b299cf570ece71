/** Liveness and readiness over HTTP. Built here, never listening here. */
import { Hono } from "hono";
import { escapeControls } from "../telemetry/index.ts";

/** What a check says. `why` is one sentence for whoever is on call; `note` is shown where all checks are listed. */
export type CheckResult = { readonly ok: true; readonly note?: string } | { readonly ok: false; readonly why: string };

/** Names that one question may leave out; what is named past them is asked all the same. */
const MAX_EXCLUDED = 32;

/** One thing that must hold. `check` answers at once from what is known; one that throws has failed. */
export interface HealthCheck {
  /** Letters, digits and dashes: it is a path segment. */
  readonly name: string;
  check(): CheckResult;
}

/** The checks behind `/livez` and `/healthz`, and those behind `/readyz`. */
export interface HealthAppOptions {
  readonly live: readonly HealthCheck[];
  readonly ready: readonly HealthCheck[];
}

/**
 * `GET /livez`, `/healthz` (the same) and `/readyz`: 200 `ok`, or 503 with every check and why it failed.
 * `?verbose` lists the checks also when all hold; `?exclude=<name>` leaves one out; `/readyz/<name>` asks one.
 * All else is 404, without a word about who we are.
 */
export function healthApp({ live, ready }: HealthAppOptions): Hono {
  const app = new Hono();
  for (const [path, checks] of [
    ["livez", live],
    ["healthz", live],
    ["readyz", ready],
  ] as const) {
    app.get(`/${path}`, (context) => {
      const excluded = new Set((context.req.queries("exclude") ?? []).slice(0, MAX_EXCLUDED));
      const verbose = context.req.query("verbose") !== undefined;
      const { text, ok } = report({ path, checks, excluded, verbose });
      return context.text(text, ok ? 200 : 503, { "cache-control": "no-store" });
    });
    app.get(`/${path}/:name`, (context) => {
      const asked = checks.filter(({ name }) => name === context.req.param("name"));
      if (asked.length === 0) return context.notFound();
      const { text, ok } = report({ path, checks: asked, excluded: new Set(), verbose: false });
      return context.text(text, ok ? 200 : 503, { "cache-control": "no-store" });
    });
  }
  app.notFound((context) => context.text("not found\n", 404));
  return app;
}

interface ReportInput {
  readonly path: string;
  readonly checks: readonly HealthCheck[];
  readonly excluded: ReadonlySet<string>;
  readonly verbose: boolean;
}

function report({ path, checks, excluded, verbose }: ReportInput): { text: string; ok: boolean } {
  let ok = true;
  const lines = checks.map((check) => {
    const { name } = check;
    if (excluded.has(name)) return `[+]${name} excluded: ok`;
    const result = ask(check);
    if (result.ok) return `[+]${name} ok${result.note === undefined ? "" : `: ${escapeControls(result.note)}`}`;
    ok = false;
    return `[-]${name} failed: ${escapeControls(result.why.slice(0, 500))}`;
  });
  const strangers = [...excluded].filter((name) => !checks.some((check) => check.name === name)).slice(0, 10);
  for (const name of strangers) lines.push(`warn: no check to exclude: ${escapeControls(name.slice(0, 64))}`);
  if (ok && !verbose) return { ok, text: "ok\n" };
  return { ok, text: `${lines.join("\n")}\n${path} check ${ok ? "passed" : "failed"}\n` };
}

function ask(check: HealthCheck): CheckResult {
  try {
    return check.check();
  } catch {
    return { ok: false, why: "the check itself failed" };
  }
}
