import { FIELDS } from '../../src/book/fingerprint.ts';
import type { BookManifest } from '../../src/book/manifest.ts';
import type { ShardPlace } from '../../src/book/plan.ts';

/** Rows of one megabyte, so that a few samples fill several shards. */
const WIDTH = 2 ** 18;

/** A book of two views; what it stands on is all the same here. */
export const MANIFEST: BookManifest = {
  formatVersion: 1,
  name: 'stand-in',
  teachers: ['teacher'],
  fingerprint: Object.fromEntries(
    Object.keys(FIELDS).map((field) => [field, 'same']),
  ) as BookManifest['fingerprint'],
  tensors: [{ name: 'logits', shape: [WIDTH] }],
  settings: { precision: 'float32', topK: null },
  samples: { train: 30, validation: 5 },
  views: { plain: 2, strong: 0 },
  createdAt: '2026-01-01T00:00:00.000Z',
};

/** Rows that begin with a number of their view and sample. */
export function bytesOf({ set, first, rows, bytes }: ShardPlace): Uint8Array {
  const all = new Uint8Array(bytes);
  const view = new DataView(all.buffer);
  for (let row = 0; row < rows; row += 1) {
    const number = (set.split === 'train' ? set.view : 9) * 1_000_000 + first + row;
    view.setUint32((row * bytes) / rows, number, true);
  }
  return all;
}
