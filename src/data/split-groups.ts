import { randomStream, uniformAt } from '../random/random.ts';

/** How the shares of classes are kept: of samples, of groups (then copies never move a group), or not at all. */
export type Stratify = 'samples' | 'groups' | 'none';

export interface Grouped {
  /** `[samples]`, class of each. */
  readonly labels: Int32Array;
  /** `[samples]`, group of each, any numbers. */
  readonly groups: Int32Array;
  /** Name of each group, by which it is drawn: no other sample changes its place. */
  readonly nameOf: (group: number) => string;
}

/**
 * Splits positions so that no group is torn apart. For each class (that of most of a group's samples):
 *
 *     samples   groups in order of size, the largest first, equal ones in random order; each to the part that is furthest below
 *               its share of the samples of the class
 *     groups    groups in random order by their names; each part gets its share of the number of groups
 *     none      as `samples`, all classes together
 *
 * @param positions to split, ascending
 * @param shares of the parts, which sum to 1
 * @returns positions of each part, ascending
 */
export function splitGroups(
  { labels, groups, nameOf }: Grouped,
  positions: Int32Array,
  shares: readonly number[],
  stratify: Stratify,
  seed: number,
): readonly Int32Array[] {
  const members = new Map<number, number[]>();
  for (const position of positions) {
    const group = groups[position] ?? position;
    const own = members.get(group);
    if (own === undefined) members.set(group, [position]);
    else own.push(position);
  }
  const byClass = new Map<number, number[]>();
  for (const [group, own] of members) {
    const label = stratify === 'none' ? 0 : mostFrequent(own.map((position) => labels[position] ?? 0));
    const known = byClass.get(label);
    if (known === undefined) byClass.set(label, [group]);
    else known.push(group);
  }
  const parts = shares.map((): number[] => []);
  for (const [, own] of [...byClass].sort(([a], [b]) => a - b)) {
    const drawn = inRandomOrder(own, nameOf, seed);
    const size = (group: number) => (stratify === 'groups' ? 1 : (members.get(group)?.length ?? 0));
    const ordered = [...drawn].sort((a, b) => size(b) - size(a));
    const total = ordered.reduce((sum, group) => sum + size(group), 0);
    const missing = shares.map((share) => share * total);
    for (const group of ordered) {
      const part = missing.indexOf(Math.max(...missing));
      missing[part] = (missing[part] ?? 0) - size(group);
      parts[part]?.push(...(members.get(group) ?? []));
    }
  }
  return parts.map((part) => Int32Array.from(part).sort());
}

/** A function of seed and names alone: each name draws a number, the numbers make the order. */
function inRandomOrder(groups: readonly number[], nameOf: (group: number) => string, seed: number): number[] {
  const drawn = groups.map((group) => {
    const name = nameOf(group);
    return { group, name, order: uniformAt(randomStream(seed, `split/group/${name}`), 0, 0) };
  });
  return drawn.sort((a, b) => a.order - b.order || (a.name < b.name ? -1 : 1)).map(({ group }) => group);
}

/** The smallest of several that are equally frequent. */
function mostFrequent(labels: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || a - b)[0]?.[0] ?? 0;
}
