import { cosine } from '../../book/fidelity.ts';
import { layoutOfSet } from '../../book/plan.ts';
import type { BookReader } from '../../bookshelf/book-reader.ts';
import { UserError } from '../../protocol/errors.ts';
import { permutation, randomStream } from '../../random/random.ts';
import { decodeRows, encodeRows } from './write-book.ts';
import type { Pages } from './pages.ts';

/** Samples that are compared, at most; of one set, drawn by the seed. */
const SAMPLES = 32;

/**
 * Smallest cosine between what is stored of a sample and what the teacher says now, written down the same way. Kept classes may
 * change places where two logits are nearly equal, so less is asked of them.
 */
const SMALLEST_COSINE = { whole: 0.999, topK: 0.99 } as const;

export interface SpotCheck {
  readonly samples: number;
  /** The smallest of all samples and of everything that is said to them. */
  readonly cosine: number;
  readonly wanted: number;
}

/**
 * Compares stored answers to some samples with live ones.
 * @throws UserError KD4031 where they differ
 */
export async function spotCheck(reader: BookReader, pages: Pages, seed: number): Promise<SpotCheck> {
  const { manifest, plan } = reader;
  const [set] = plan.sets;
  if (set === undefined) throw new Error('a book without a part');
  const most = Math.min(SAMPLES, pages.batchSize, set.count);
  const samples = permutation(randomStream(seed, 'book/spot-check'), 0, set.count).slice(0, most);
  const layout = layoutOfSet(plan, set);
  const live = new DataView(new ArrayBuffer(most * layout.bytes));
  encodeRows(live, layout, await pages.of(set, samples), most);
  const { view: stored } = await reader.rows(set.key, samples);
  let smallest = { cosine: 1, name: 'logits', sample: 0 };
  for (const field of layout.fields) {
    const [now, then] = [live, stored].map((view) => decodeRows(view, layout, field, most));
    for (let n = 0; n < most; n++) {
      const row = (values: Float32Array = new Float32Array()) =>
        values.subarray(n * field.size, (n + 1) * field.size);
      const value = cosine(row(now), row(then));
      // A comparison with NaN is false: what is no number is no likeness.
      if (!(value >= smallest.cosine))
        smallest = { cosine: value, name: field.name, sample: samples[n] ?? 0 };
    }
  }
  const wanted = manifest.settings.topK === null ? SMALLEST_COSINE.whole : SMALLEST_COSINE.topK;
  if (smallest.cosine >= wanted) return { samples: most, cosine: smallest.cosine, wanted };
  throw new UserError({
    code: 'KD4031',
    message: `the book "${manifest.name}" does not say what the teacher says: of training sample ${smallest.sample}, "${smallest.name}" has a cosine of ${smallest.cosine.toPrecision(3)}, at least ${wanted} is asked`,
    help: `write it anew: \`kd book prune ${manifest.name}\`, then run again`,
    key: 'distill.book',
  });
}
