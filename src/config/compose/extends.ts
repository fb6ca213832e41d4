import { dirname, resolve } from 'node:path';
import type { FileAccess } from '../files.ts';
import { replaceFix, type Report } from '../report.ts';
import { isUnanswered } from '../check/unanswered.ts';
import { isWithin } from '../root.ts';
import { LARGEST_FILE_BYTES } from '../syntax/limits.ts';
import { entryOf, type ConfigNode, type Place } from '../syntax/node.ts';
import { parseConfig, type ParsedConfig } from '../syntax/parse.ts';
import { Source } from '../syntax/source.ts';
import { closestNames } from '../../schema/suggest.ts';
import { experimentField } from '../schema/experiment.ts';
import { mergeFiles } from './merge.ts';

const LONGEST_CHAIN = 8;
const LONGEST_PATH = 4096;
const MOST_NEIGHBOURS = 200;

export interface Surroundings {
  readonly files: FileAccess;
  readonly root: string;
  readonly report: Report;
}

/** A config with all that it extends under it. */
export interface MergedConfig extends ParsedConfig {
  /** Paths of the base files, the nearest first. */
  readonly bases: readonly string[];
}

/** Merges the chain of base files that a config names under it. Faults of the bases are shown at `extends`. */
export function mergeBases(own: ParsedConfig, source: Source, around: Surroundings): MergedConfig {
  return extend(own, source, around, [around.files.realPath(source.file)]);
}

function extend(
  own: ParsedConfig,
  source: Source,
  around: Surroundings,
  chain: readonly string[],
): MergedConfig {
  const { root } = own;
  const entry = root === null ? undefined : entryOf(root, 'extends');
  if (root === null || entry === undefined) return { ...own, bases: [] };
  const base = readBase(entry.value, source, around, chain);
  if (base === null) return { root, complete: false, bases: [] };
  const { path, parsed } = base;
  const merged = parsed.root === null ? root : mergeFiles(parsed.root, root, experimentField);
  return {
    root: merged,
    complete: own.complete && parsed.complete,
    bases: [path, ...parsed.bases],
  };
}

function readBase(
  node: ConfigNode,
  source: Source,
  around: Surroundings,
  chain: readonly string[],
): { readonly path: string; readonly parsed: MergedConfig } | null {
  const { files, report, root } = around;
  const { place } = node;
  if (
    node.kind !== 'scalar' ||
    typeof node.value !== 'string' ||
    node.value === '' ||
    node.value.length > LONGEST_PATH
  ) {
    report.add('KD2003', place, {
      message: 'extends is the path of one base file',
      help: 'Write `extends: base.kd.yaml`.',
    });
    return null;
  }
  const path = resolve(dirname(source.file), node.value);
  const real = files.realPath(path);
  if (!isWithin(files.realPath(root), real)) {
    report.add('KD3002', place, {
      message: `"${node.value}" lies outside ${root}`,
      help: 'Copy the base file into the root.',
    });
    return null;
  }
  if (chain.includes(real)) {
    report.add('KD1021', place, { message: `"${node.value}" extends itself`, help: 'Break the circle.' });
    return null;
  }
  if (chain.length > LONGEST_CHAIN) {
    report.add('KD1022', place, {
      message: `more than ${LONGEST_CHAIN} base files lie in one chain`,
      help: 'Merge some of them.',
    });
    return null;
  }
  const text = files.readText(path, LARGEST_FILE_BYTES);
  if (isUnanswered(path, `"${node.value}"`, place, around)) return null;
  if (text === null) {
    reportUnreadable(node.value, path, place, around);
    return null;
  }
  const base = new Source(path, text);
  report.bringIn(path, place);
  return { path, parsed: extend(parseConfig(base, report), base, around, [...chain, real]) };
}

function reportUnreadable(
  written: string,
  path: string,
  place: Place,
  { files, report }: Surroundings,
): void {
  const known = files.status(path);
  if (known?.kind === 'file' && known.size > LARGEST_FILE_BYTES) {
    const help = 'Name a config file.';
    report.add('KD1011', place, { message: `"${written}" is larger than 1 MB and is not read`, help });
    return;
  }
  const neighbours = files.list(dirname(path), MOST_NEIGHBOURS).filter((name) => name.endsWith('.kd.yaml'));
  const [close] = closestNames(path.split(/[\\/]/).at(-1) ?? '', neighbours, 1);
  const better = close === undefined ? null : written.replace(/[^\\/]*$/, close);
  report.add('KD1020', place, {
    message: `base file "${written}" ${known === null ? 'does not exist' : 'cannot be read'}${better === null ? '' : `; did you mean "${better}"?`}`,
    help: 'Write its path relative to this file.',
    fixes: better === null ? [] : [replaceFix(`Change to "${better}"`, place, better)],
  });
}
