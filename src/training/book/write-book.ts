import { addFidelity, EXACT, rowFidelity, type Fidelity } from '../../book/fidelity.ts';
import { planOf, type BookManifest } from '../../book/manifest.ts';
import { layoutOfSet, type ShardPlace } from '../../book/plan.ts';
import { readField, writeField, type RowField, type RowLayout } from '../../book/row.ts';
import type { BookWriter } from '../../bookshelf/book-writer.ts';
import type { RunControl } from '../../runs/writer.ts';
import type { Pages } from './pages.ts';
import type { Answers } from './teacher-program.ts';

/**
 * Writes every shard that a book lacks. Never more than one shard is held in memory.
 * @returns true where somebody asked to stop: whole shards stay, and the next run goes on with the others
 */
export async function writeBook(writer: BookWriter, pages: Pages, control: RunControl): Promise<boolean> {
  for (const shard of writer.missing()) {
    const bytes = new Uint8Array(shard.bytes);
    let fidelity = EXACT;
    for (let row = 0; row < shard.rows; row += pages.batchSize) {
      if (await isStopped(control)) return true;
      fidelity = addFidelity(fidelity, await writeRows(bytes, row, shard, writer.manifest, pages));
    }
    writer.write(shard, bytes, fidelity);
  }
  return false;
}

/** Whether somebody asked to stop; a pause is waited for. */
export async function isStopped(control: RunControl): Promise<boolean> {
  if (control.request === 'pause') await control.untilResumed();
  return control.request === 'stop';
}

/** One batch of rows, from `row` of the shard on. */
async function writeRows(
  bytes: Uint8Array<ArrayBuffer>,
  row: number,
  shard: ShardPlace,
  manifest: BookManifest,
  pages: Pages,
): Promise<Fidelity> {
  const count = Math.min(pages.batchSize, shard.rows - row);
  const samples = Int32Array.from({ length: count }, (_, i) => shard.first + row + i);
  const answers = await pages.of(shard.set, samples);
  const layout = layoutOfSet(planOf(manifest), shard.set);
  const view = new DataView(bytes.buffer, row * layout.bytes, count * layout.bytes);
  return encodeRows(view, layout, answers, count);
}

/** Writes the answers to `count` samples as rows, and measures how exactly they can be read again. */
export function encodeRows(view: DataView, layout: RowLayout, answers: Answers, count: number): Fidelity {
  const isExact = layout.fields.every(({ precision, topK }) => precision === 'float32' && topK === null);
  let fidelity: Fidelity = { ...EXACT, rows: isExact ? count : 0 };
  for (let n = 0; n < count; n++) {
    const start = n * layout.bytes;
    const pairs = layout.fields.map((field) => {
      const said = rowOf(answers, field, n);
      writeField(view, start, field, said);
      return { field, said };
    });
    if (isExact) continue;
    const read = pairs.map((pair) => {
      const values = new Float32Array(pair.field.size);
      readField(view, start, pair.field, values);
      return { ...pair, read: values };
    });
    fidelity = addFidelity(fidelity, rowFidelity(read));
  }
  return fidelity;
}

function rowOf(answers: Answers, { name, size }: RowField, n: number): Float32Array {
  const values = answers[name];
  if (values === undefined) throw new Error(`the teacher says nothing of "${name}"`);
  return values.subarray(n * size, (n + 1) * size);
}

/** The values of one field of all rows, one after another. */
export function decodeRows(view: DataView, layout: RowLayout, field: RowField, count: number): Float32Array {
  const values = new Float32Array(count * field.size);
  for (let n = 0; n < count; n++) readField(view, n * layout.bytes, field, values, n * field.size);
  return values;
}
