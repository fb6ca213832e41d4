import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { capture, isInstalled } from '../run.mjs';

/**
 * Data sets by name: a Debian package that holds one, where in it, its files, and the variable that names another folder.
 *
 * @type {Record<string, { package: string, folder: string, files: string[], variable: string }>}
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
};

/**
 * Brings a data set into `<folder>/data/<name>`, once. Throws where it cannot be had, with what to do.
 *
 * @param {string} name
 * @param {string} folder
 * @returns {string} SHA-256 of its files
 */
export function ensureData(name, folder) {
  const set = SETS[name];
  if (set === undefined) throw new Error(`data.mjs has no data set ${name}`);
  const target = join(folder, 'data', name);
  const paths = set.files.map((file) => join(target, file));
  if (!paths.every((path) => existsSync(path))) {
    mkdirSync(target, { recursive: true });
    const given = process.env[set.variable];
    if (given === undefined) fromPackage(set, folder, target);
    else for (const file of set.files) copyFileSync(join(given, file), join(target, file));
  }
  const hash = createHash('sha256');
  for (const path of paths) hash.update(readFileSync(path));
  return hash.digest('hex');
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
