import type { WantedBook } from '../../config/books.ts';
import { mergedPage } from '../../book/merge.ts';
import type { BookSet } from '../../book/plan.ts';
import type { Experiment } from '../../config/experiment.ts';
import { Batches, type Batch } from '../../data/batches.ts';
import type { Dataset } from '../../data/dataset.ts';
import { STRONG_VIEW } from '../data.ts';
import type { Answers, TeacherProgram } from './teacher-program.ts';

/** What stands in a book of some samples: what the teacher says of them, or what several say together. */
export class Pages {
  readonly #wanted: WantedBook;
  readonly #teachers: readonly TeacherProgram[];
  readonly #experiment: Pick<Experiment, 'data' | 'train'>;
  readonly #dataset: Dataset;
  readonly #batches = new Map<string, Batches>();

  constructor(
    wanted: WantedBook,
    teachers: readonly TeacherProgram[],
    experiment: Pick<Experiment, 'data' | 'train'>,
    dataset: Dataset,
  ) {
    this.#wanted = wanted;
    this.#teachers = teachers;
    this.#experiment = experiment;
    this.#dataset = dataset;
  }

  /** Samples that are answered at once. */
  get batchSize(): number {
    return this.#teachers[0]?.batchSize ?? 1;
  }

  /** @param samples positions in the split, at most `batchSize` */
  async of(set: BookSet, samples: Int32Array): Promise<Answers> {
    const batch = this.#batchesOf(set).show(samples, set.view);
    const said: Answers[] = [];
    for (const teacher of this.#teachers) said.push(await teacher.answer(batch));
    const { merge } = this.#wanted;
    return merge === null ? (said[0] ?? {}) : { logits: this.#merged(merge, said, batch, set) };
  }

  /** Validation measures what the teachers say, so nothing is corrected there. */
  #merged(
    merge: NonNullable<WantedBook['merge']>,
    said: readonly Answers[],
    { labels, count }: Batch,
    { split }: BookSet,
  ): Float32Array {
    const first = said[0]?.['logits'] ?? new Float32Array();
    const classes = first.length / count;
    const merged = new Float32Array(first.length);
    for (let n = 0; n < count; n++) {
      const rows = said.map(({ logits }) =>
        (logits ?? new Float32Array()).subarray(n * classes, (n + 1) * classes),
      );
      merged.set(mergedPage(merge, rows, split === 'train' ? (labels[n] ?? 0) : null), n * classes);
    }
    return merged;
  }

  #batchesOf({ key, split, strong }: BookSet): Batches {
    const known = this.#batches.get(key);
    if (known !== undefined) return known;
    const { data, train } = this.#experiment;
    const { augment, strongAugment = augment } = data;
    const batches = new Batches(this.#dataset, split, {
      batchSize: this.batchSize,
      seed: train.seed,
      shuffle: false,
      augment: split === 'validation' ? [] : strong ? strongAugment : augment,
      ...(strong ? { view: STRONG_VIEW } : {}),
    });
    this.#batches.set(key, batches);
    return batches;
  }
}
