import type { Analysis } from '../analyze.ts';

/** An editor asks a dozen questions about one text, and about the one before it while it is typed. */
const MOST_KEPT = 4;

/** The last analyses, until something on the disk may have changed. */
export class Analyses {
  readonly #kept = new Map<string, Analysis>();
  readonly #isWhole: () => boolean;

  /** @param isWhole whether an analysis that was just made lacks nothing that is still on its way */
  constructor(isWhole: () => boolean = () => true) {
    this.#isWhole = isWhole;
  }

  of(key: string, make: () => Analysis): Analysis {
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const analysis = make();
    if (!this.#isWhole()) return analysis;
    const oldest = this.#kept.keys().next();
    if (this.#kept.size >= MOST_KEPT && oldest.done !== true) this.#kept.delete(oldest.value);
    this.#kept.set(key, analysis);
    return analysis;
  }

  forget(): void {
    this.#kept.clear();
  }
}
