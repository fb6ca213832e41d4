/** Crashes of the language server that are mended without asking. */
export const RESTARTS = 5;
export const FIRST_PAUSE_MILLISECONDS = 500;
/** A server that lived this long was healthy: its crash starts the count anew. */
export const HEALTHY_MILLISECONDS = 180_000;

export type AfterCrash =
  { readonly action: 'restart'; readonly afterMilliseconds: number } | { readonly action: 'giveUp' };

/** Decides what follows a crash: pauses double (0.5 s, 1 s, 2 s, ...), and the sixth crash in a row is for a person. */
export class RestartPolicy {
  private crashes = 0;
  private startedAt: number;

  constructor(private readonly now: () => number) {
    this.startedAt = now();
  }

  /** To be called when the server has started. */
  started(): void {
    this.startedAt = this.now();
  }

  crashed(): AfterCrash {
    if (this.now() - this.startedAt >= HEALTHY_MILLISECONDS) this.crashes = 0;
    this.crashes += 1;
    if (this.crashes > RESTARTS) return { action: 'giveUp' };
    return { action: 'restart', afterMilliseconds: FIRST_PAUSE_MILLISECONDS * 2 ** (this.crashes - 1) };
  }

  /** A person asked for a fresh start. */
  reset(): void {
    this.crashes = 0;
  }
}
