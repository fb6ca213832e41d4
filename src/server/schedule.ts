/** Pause after a keystroke before a document is checked; typing faster than this checks once. */
export const DEBOUNCE_MILLISECONDS = 15;

/**
 * Runs a piece of work a key some time after the last request for it. A newer request replaces the older, so work
 * for a text that is no longer there is never begun.
 */
export class Schedule {
  private readonly timers = new Map<string, NodeJS.Timeout>();

  constructor(
    private readonly work: (key: string) => void,
    private readonly delay = DEBOUNCE_MILLISECONDS,
  ) {}

  request(key: string): void {
    this.cancel(key);
    this.timers.set(
      key,
      setTimeout(() => {
        this.timers.delete(key);
        this.work(key);
      }, this.delay),
    );
  }

  cancel(key: string): void {
    clearTimeout(this.timers.get(key));
    this.timers.delete(key);
  }

  dispose(): void {
    for (const key of [...this.timers.keys()]) this.cancel(key);
  }
}
