/** The sidecar's task records: on the data volume, so they outlive containers and Pods. As server v0.0.31 and later. */

/** A task as `GET /v0/tasks/{id}` tells it. */
export interface TaskResult {
  readonly id: string;
  readonly type: string;
  readonly status: "running" | "completed" | "failed";
  readonly run: number;
  readonly params?: unknown;
  readonly error?: string;
  readonly submittedAt: string;
  readonly completedAt?: string;
}

/** The records of one volume. */
export class TaskStore {
  readonly #rows = new Map<string, TaskResult>();

  /** Newest first, at most 100. */
  list(): readonly TaskResult[] {
    return [...this.#rows.values()].toSorted((a, b) => b.submittedAt.localeCompare(a.submittedAt)).slice(0, 100);
  }

  get(id: string): TaskResult | null {
    return this.#rows.get(id) ?? null;
  }

  /** The row to run, or null where this id is running or completed: then nothing happens. A failed id runs again. */
  submit(id: string, type: string, params: unknown): TaskResult | null {
    const known = this.#rows.get(id);
    if (known !== undefined && known.status !== "failed") return null;
    const row: TaskResult = {
      id,
      type,
      status: "running",
      run: (known?.run ?? 0) + 1,
      params: params ?? {},
      submittedAt: new Date().toISOString(),
    };
    this.#rows.set(id, row);
    return row;
  }

  /** Ends a running task; an id that was removed meanwhile stays removed. */
  finish(id: string, error: string | null): void {
    const row = this.#rows.get(id);
    if (row?.status !== "running") return;
    const completedAt = new Date().toISOString();
    this.#rows.set(
      id,
      error === null ? { ...row, status: "completed", completedAt } : { ...row, status: "failed", error, completedAt },
    );
  }

  remove(id: string): boolean {
    return this.#rows.delete(id);
  }

  /** What `mark-not-ready` does to the records of `mark-ready`. */
  removeType(type: string): void {
    for (const row of this.list()) if (row.type === type) this.#rows.delete(row.id);
  }

  /** Rows left running by a process that ended. */
  unfinished(): readonly TaskResult[] {
    return [...this.#rows.values()].filter((row) => row.status === "running");
  }
}
