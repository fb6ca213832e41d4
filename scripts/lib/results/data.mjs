import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { capture, isInstalled } from '../run.mjs';

/**
 * Data sets by name: a Debian package that holds one (left out: the project itself does), where in it, its files, and the variable that
 * names another folder.
 *
 * @type {Record<string, { package?: string, folder: string, files: string[], variable: string }>}
 */
const SETS = {
  'fashion-mnist': {
    package: 'dataset-fashion-mnist',
    folder: 'usr/share/datasets/fashion-mnist',
    files: ['train-images-idx3', 'train-labels-idx1', 't10k-images-idx3', 't10k-labels-idx1'].map(
      (name) => `${name}-ubyte.gz`,
    ),
    variable: 'KD_FASHION_MNIST',
  },
  'digit-words': {
    folder: join(import.meta.dirname, '../../../media/sample/data'),
    files: ['train-words-idx3', 'train-word-labels-idx1', 't10k-words-idx3', 't10k-word-labels-idx1'].map(
      (name) => `${name}-ubyte.gz`,
    ),
    variable: 'KD_DIGIT_WORDS',
  },
};

/**
 * Images of the training file that one part of the table learns from, from the first to before the last, so that no image is in
 * two of them.
 *
 * @typedef {{ from: number, to: number }} Slice
 */

/**
 * The files of a slice, as an experiment names them.
 *
 * @param {string} name of the data set
 * @param {Slice} slice
 * @returns {{ inputs: string, labels: string }}
 */
export function slicedFiles(name, slice) {
  const place = (kind) => `data/${name}/${slicedName(slice, kind)}`;
  return { inputs: place('images-idx3'), labels: place('labels-idx1') };
}

const slicedName = ({ from, to }, kind) => `train-${from}-${to}-${kind}-ubyte.gz`;

/**
 * Brings a data set into `<folder>/data/<name>`, once. Throws where it cannot be had, with what to do.
 *
 * @param {string} name
 * @param {string} folder
 * @param {readonly Slice[]} slices that are made of its training file
 * @returns {string} SHA-256 of its files
 */
export function ensureData(name, folder, slices) {
  const set = SETS[name];
  if (set === undefined) throw new Error(`data.mjs has no data set ${name}`);
  const target = join(folder, 'data', name);
  const paths = set.files.map((file) => join(target, file));
  if (!paths.every((path) => existsSync(path))) {
    mkdirSync(target, { recursive: true });
    const given = process.env[set.variable] ?? (set.package === undefined ? set.folder : undefined);
    if (given === undefined) fromPackage(set, folder, target);
    else for (const file of set.files) copyFileSync(join(given, file), join(target, file));
  }
  for (const slice of slices) ensureSlice(target, slice);
  const hash = createHash('sha256');
  for (const path of paths) hash.update(readFileSync(path));
  return hash.digest('hex');
}

/** Bytes before the first sample, and of a sample, in an idx file: type, count, and of images height and width; each 4 bytes, big-endian. */
const LAYOUT = { 'images-idx3': { head: 16, sample: 28 * 28 }, 'labels-idx1': { head: 8, sample: 1 } };

function ensureSlice(target, { from, to }) {
  for (const [kind, { head, sample }] of Object.entries(LAYOUT)) {
    const path = join(target, slicedName({ from, to }, kind));
    if (existsSync(path)) continue;
    const all = gunzipSync(readFileSync(join(target, `train-${kind}-ubyte.gz`)));
    const start = Buffer.from(all.subarray(0, head));
    start.writeUInt32BE(to - from, 4);
    const samples = all.subarray(head + from * sample, head + to * sample);
    writeFileSync(path, gzipSync(Buffer.concat([start, samples])));
  }
}

/** Fetches the package and takes its files, without installing anything. */
function fromPackage(set, folder, target) {
  if (!isInstalled('apt-get') || !isInstalled('dpkg-deb')) {
    throw new Error(
      `${set.files.join(', ')} are missing; set ${set.variable} to a folder that holds them (on Debian they come from the package ${set.package})`,
    );
  }
  const scratch = mkdtempSync(join(folder, 'package-'));
  try {
    capture('apt-get', ['download', '-qq', set.package], { cwd: scratch });
    const [archive = ''] = readdirSync(scratch);
    capture('dpkg-deb', ['-x', join(scratch, archive), scratch]);
    for (const file of set.files) copyFileSync(join(scratch, set.folder, file), join(target, file));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
