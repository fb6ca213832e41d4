const LONGEST_COMPARED = 80;

/**
 * The candidates a person most likely meant by `name`, best first: close in spelling, or sharing a beginning or a dotted part.
 * Empty when nothing is close.
 */
export function closestNames(name: string, candidates: Iterable<string>, count = 3): string[] {
  const wanted = name.toLowerCase();
  if (wanted.length === 0 || wanted.length > LONGEST_COMPARED) return [];
  const allowed = Math.max(1, Math.floor(wanted.length / 3));
  const ranked: { candidate: string; distance: number }[] = [];
  for (const candidate of new Set(candidates)) {
    const other = candidate.toLowerCase();
    if (other.length > LONGEST_COMPARED) continue;
    const distance = editDistance(wanted, other);
    const startsAlike = wanted.length >= 3 && (other.startsWith(wanted) || wanted.startsWith(other));
    const endsAlike = wanted.length >= 3 && other.endsWith(`.${wanted}`);
    if (distance <= allowed) ranked.push({ candidate, distance: startsAlike ? distance - 0.5 : distance });
    else if (startsAlike || endsAlike)
      ranked.push({ candidate, distance: allowed + distance / LONGEST_COMPARED });
  }
  ranked.sort(
    (a, b) =>
      a.distance - b.distance ||
      numberGap(wanted, a.candidate) - numberGap(wanted, b.candidate) ||
      compareText(a.candidate, b.candidate),
  );
  return ranked.slice(0, count).map((entry) => entry.candidate);
}

/** `; did you mean "stage3"?`, or nothing. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const [best] = closestNames(name, candidates, 1);
  return best === undefined ? '' : `; did you mean "${best}"?`;
}

/** How far apart the numbers are that both names end in: `stage4` is nearer to `stage3` than to `stage1`. */
function numberGap(a: string, b: string): number {
  const [first, second] = [a, b].map((name) => /\d+$/.exec(name)?.[0]);
  return first === undefined || second === undefined ? 0 : Math.abs(Number(first) - Number(second));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b` (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, at(beforeLast, j - 2) + 1);
      }
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
