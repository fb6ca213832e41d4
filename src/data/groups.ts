import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Copy } from './copies.ts';
import { fileSystemError, findFile, placeName, type Place } from './place.ts';
import { dataError } from './problems.ts';
import type { GroupSettings } from './settings.ts';

/** The key of a group from the name of a file: lower case, without folder, ending and marks of copies. */
export function stemOf(name: string, marks: readonly string[]): string {
  let stem = basename(name)
    .toLowerCase()
    .replace(/\.[^.]+$/, '');
  const patterns = marks.map(markPattern);
  for (let before = ''; before !== stem;) {
    before = stem;
    for (const pattern of patterns) {
      const shorter = stem.replace(pattern, '');
      if (shorter !== '') stem = shorter;
    }
  }
  return stem;
}

function markPattern(mark: string): RegExp {
  const escaped = mark.toLowerCase().replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`${escaped.replaceAll('*', '.*').replaceAll('#', '\\d+')}$`);
}

/** Name of the group of each of `count` samples. @param names of their files; null where they have none */
export function groupNames(
  settings: GroupSettings,
  names: readonly string[] | null,
  count: number,
  root: string,
): readonly string[] {
  if (settings.by === 'stem') return (names ?? []).map((name) => stemOf(name, settings.marks));
  const place = { path: settings.file, key: 'data.groupBy.table.file', root };
  const { header, rows } = readTable(place);
  const column = (name: string) => {
    const at = header.indexOf(name);
    if (at >= 0) return at;
    throw tableError(place, `has no column "${name}" (columns: ${header.join(', ')})`);
  };
  const group = column(settings.group);
  if (names === null) {
    if (rows.length === count) return rows.map((row) => row[group] ?? '');
    throw tableError(place, `has ${rows.length} rows for ${count} training samples`);
  }
  const file = column(settings.name);
  const known = new Map(rows.map((row) => [basename(row[file] ?? ''), row[group] ?? '']));
  return names.map((name) => {
    const found = known.get(basename(name));
    if (found !== undefined) return found;
    throw tableError(place, `has no row for ${basename(name)}`);
  });
}

function readTable(place: Place): { header: readonly string[]; rows: readonly (readonly string[])[] } {
  const { real } = findFile(place);
  let text: string;
  try {
    text = readFileSync(real, 'utf8');
  } catch (error) {
    throw fileSystemError(place, error);
  }
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const [header = [], ...rows] = lines.map((line) =>
    line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1')),
  );
  return { header, rows };
}

function tableError(place: Place, what: string) {
  return dataError(
    'groupTable',
    place.key,
    `${placeName(place)} ${what}`,
    'The table has a head, commas between its columns, and a row for each training sample.',
  );
}

/** Joins what belongs together: samples of one group, and copies of one picture. */
export class Groups {
  readonly #parents: Int32Array;
  readonly #names: readonly string[] | null;

  /** @param names of the group of each sample; null: each is its own */
  constructor(count: number, names: readonly string[] | null, copies: readonly Copy[]) {
    this.#parents = Int32Array.from({ length: count }, (_, n) => n);
    this.#names = names;
    const first = new Map<string, number>();
    names?.forEach((name, n) => {
      const known = first.get(name);
      if (known === undefined) first.set(name, n);
      else this.#join(known, n);
    });
    for (const { first: one, second } of copies) if (one < count && second < count) this.#join(one, second);
  }

  /** `[samples]`, the first sample of the group of each. */
  get ids(): Int32Array {
    return this.#parents.map((_, n) => this.#root(n));
  }

  nameOf(group: number): string {
    return this.#names?.[group] ?? `sample ${group}`;
  }

  /** @throws UserError KD3031 where a named group has samples of two classes */
  requireOneClass(labels: Int32Array, classes: readonly string[]): void {
    const seen = new Map<string, number>();
    this.#names?.forEach((name, n) => {
      const label = labels[n] ?? 0;
      const before = seen.get(name) ?? label;
      seen.set(name, before);
      if (before === label) return;
      throw dataError(
        'groupOfTwoClasses',
        'data.groupBy',
        `the group "${name}" has samples of two classes, ${classes[before] ?? before} and ${classes[label] ?? label}`,
        'Mend the labels, or group by something that has one class (a finer stem, an examination instead of a patient).',
      );
    });
  }

  #root(n: number): number {
    let at = n;
    while (this.#parents[at] !== at) at = this.#parents[at] ?? at;
    return at;
  }

  #join(a: number, b: number): void {
    const [one, other] = [this.#root(a), this.#root(b)];
    this.#parents[Math.max(one, other)] = Math.min(one, other);
  }
}
