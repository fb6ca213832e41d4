/** Writes `text` over the characters from `start` up to `end`. */
export interface Patch {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * A text with faults mended so that the rest can be read, and the way back to where everything stood. What a patch wrote
 * lies at the place that it replaced.
 */
export class PatchedText {
  readonly text: string;
  /** Offset in the original of every character, and of the end; null where nothing was patched. */
  readonly #origins: Int32Array | null;

  constructor(text: string, origins: Int32Array | null = null) {
    this.text = text;
    this.#origins = origins;
  }

  original(offset: number): number {
    if (this.#origins === null) return offset;
    return this.#origins[Math.min(Math.max(offset, 0), this.text.length)] ?? 0;
  }

  /** `patches` do not overlap. */
  apply(patches: readonly Patch[]): PatchedText {
    const sorted = [...patches].sort((a, b) => a.start - b.start);
    const added = sorted.reduce((sum, patch) => sum + patch.text.length - (patch.end - patch.start), 0);
    const origins = new Int32Array(this.text.length + added + 1);
    const parts: string[] = [];
    let from = 0;
    let to = 0;
    const copy = (end: number): void => {
      parts.push(this.text.slice(from, end));
      while (from < end) origins[to++] = this.original(from++);
    };
    for (const patch of sorted) {
      copy(patch.start);
      parts.push(patch.text);
      for (let index = 0; index < patch.text.length; index += 1) {
        origins[to++] = this.original(Math.min(patch.start + index, patch.end));
      }
      from = patch.end;
    }
    copy(this.text.length);
    origins[to] = this.original(this.text.length);
    return new PatchedText(parts.join(''), origins);
  }
}
