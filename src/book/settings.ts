/** How the answers of teachers are stored, as `distill.book` says it. */
export interface BookSettings {
  readonly precision: 'float32' | 'float16';
  /** Classes whose logits are kept, the most probable first; the rest keeps its mass. Null: all. */
  readonly topK: number | null;
  /** Views of each training sample, where augmentation is on. */
  readonly views: number;
  /** A book that is used under this name or not at all; null: whichever serves. */
  readonly name: string | null;
}
