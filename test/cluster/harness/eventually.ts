/** Looks every 20 ms until `look` returns something that is neither null nor false; fails with the last look after `withinMs`. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | null | false>,
  withinMs = 20_000,
): Promise<T> {
  const until = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== null && seen !== false) return seen;
    if (performance.now() > until) throw new Error(`${what}: not within ${withinMs} ms`);
    await Bun.sleep(20);
  }
}
