/** What `kd book build` and `kd book check` say, one entry a book that the experiment reads. */
export interface BookReport {
  readonly books: readonly BookCheck[];
}

export interface BookCheck {
  /** Models whose answers it holds. */
  readonly teachers: readonly string[];
  /** Null where no book serves. */
  readonly name: string | null;
  /**
   * `serves`: whole, and the live teacher says the same. `unproven`: whole, and right as far as can be known before its teacher is
   * trained. `unfinished`, `damaged`, `missing`, `differs`: a run writes it, or refuses it where it is named.
   */
  readonly state: 'serves' | 'unproven' | 'unfinished' | 'damaged' | 'missing' | 'differs';
  /** Bytes on the disk, or that it will take. */
  readonly bytes: number;
  /** Samples and views that the teacher answers, or answered. */
  readonly rows: number;
  /** How exactly it can be read, in words. */
  readonly fidelity: string | null;
  /** Smallest cosine between stored and live answers; null where they were not compared. */
  readonly cosine: number | null;
  /** Files that are not what their checksums say. */
  readonly damaged: readonly string[];
  /** Other books of these teachers, with the first thing in which each differs. */
  readonly unlike: readonly { readonly name: string; readonly difference: string }[];
}
