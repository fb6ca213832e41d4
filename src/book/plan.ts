import { rowLayout, type AnswerTensor, type RowLayout } from './row.ts';
import type { BookSettings } from './settings.ts';

/** Samples of one split seen in one way: a part of a book. */
export interface BookSet {
  /** `train-0`, `train-strong-0`, `validation`: also the beginning of the names of its files. */
  readonly key: string;
  readonly split: 'train' | 'validation';
  /** Which drawing of the augmentation; 0 where there is none. */
  readonly view: number;
  /** Through the stronger augmentation. */
  readonly strong: boolean;
  readonly count: number;
}

/** A file of rows. */
export interface ShardPlace {
  readonly file: string;
  readonly set: BookSet;
  /** Its first row within the set. */
  readonly first: number;
  readonly rows: number;
  readonly bytes: number;
}

const SHARD_BYTES = 16 * 2 ** 20;
const INDEX_DIGITS = 5;

export interface BookPlan {
  readonly sets: readonly BookSet[];
  /** Rows of the training split. */
  readonly training: RowLayout;
  /** Rows of the validation split: whole logits in float32, so that what is measured there is what the teacher says. */
  readonly validation: RowLayout;
}

export function planBook(
  tensors: readonly AnswerTensor[],
  settings: Pick<BookSettings, 'precision' | 'topK'>,
  samples: { readonly train: number; readonly validation: number },
  views: { readonly plain: number; readonly strong: number },
): BookPlan {
  const training = (view: number, strong: boolean): BookSet => ({
    key: trainingKey(view, strong),
    split: 'train',
    view,
    strong,
    count: samples.train,
  });
  const count = (length: number) => Array.from({ length }, (_, view) => view);
  return {
    sets: [
      ...count(views.plain).map((view) => training(view, false)),
      ...count(views.strong).map((view) => training(view, true)),
      { key: 'validation', split: 'validation', view: 0, strong: false, count: samples.validation },
    ],
    training: rowLayout(tensors, settings),
    validation: rowLayout(tensors, { precision: 'float32', topK: null }),
  };
}

export function trainingKey(view: number, strong: boolean): string {
  return strong ? `train-strong-${view}` : `train-${view}`;
}

export function layoutOfSet({ training, validation }: BookPlan, set: BookSet): RowLayout {
  return set.split === 'train' ? training : validation;
}

/** Rows in every file of a set but its last. */
export function rowsAShard(layout: RowLayout): number {
  return Math.max(1, Math.floor(SHARD_BYTES / layout.bytes));
}

/** Every file of a book, in the order in which it is written. */
export function shardsOf(plan: BookPlan): readonly ShardPlace[] {
  return plan.sets.flatMap((set) => {
    const layout = layoutOfSet(plan, set);
    const most = rowsAShard(layout);
    return Array.from({ length: Math.ceil(set.count / most) }, (_, index): ShardPlace => {
      const rows = Math.min(most, set.count - index * most);
      return { file: shardFile(set.key, index), set, first: index * most, rows, bytes: rows * layout.bytes };
    });
  });
}

export function shardFile(key: string, index: number): string {
  return `${key}-${String(index).padStart(INDEX_DIGITS, '0')}.bin`;
}

/** Bytes of all rows, and how often the teacher must answer. */
export function bookSize(plan: BookPlan): { readonly bytes: number; readonly rows: number } {
  let [bytes, rows] = [0, 0];
  for (const set of plan.sets) {
    bytes += set.count * layoutOfSet(plan, set).bytes;
    rows += set.count;
  }
  return { bytes, rows };
}

/** `2.4 MB` */
export function bytesText(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
