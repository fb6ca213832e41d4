import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SIZE = 8;
const CLASSES = 3;

/** Ninety tiny images of three classes, stripes under noise, as IDX files: `train-images`, `train-labels`, `test-...`. */
export function writeTinyData(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [split, count] of [
    ['train', 60],
    ['test', 30],
  ] as const) {
    const images = Buffer.alloc(16 + count * SIZE * SIZE);
    images.set([0, 0, 8, 3]);
    [count, SIZE, SIZE].forEach((size, i) => images.writeUInt32BE(size, 4 + 4 * i));
    const labels = Buffer.alloc(8 + count);
    labels.set([0, 0, 8, 1]);
    labels.writeUInt32BE(count, 4);
    for (let n = 0; n < count; n += 1) {
      labels[8 + n] = n % CLASSES;
      for (let pixel = 0; pixel < SIZE * SIZE; pixel += 1) {
        const stripe = pixel % CLASSES === n % CLASSES ? 60 : 0;
        images[16 + n * SIZE * SIZE + pixel] = stripe + noise(n * 1000 + pixel);
      }
    }
    writeFileSync(join(folder, `${split}-images`), images);
    writeFileSync(join(folder, `${split}-labels`), labels);
  }
}

/** 0..149, the same at every call. */
function noise(n: number): number {
  return (Math.imul(n ^ (n >>> 3), 0x9e3779b1) >>> 8) % 150;
}
