import { basename } from 'node:path';
import { parse, stringify } from 'yaml';
import { findMethod } from '../methods/index.ts';
import { ABLATION_KINDS, ABLATION_SLUGS, type AblationKind } from '../protocol/ablation.ts';
import { UserError } from '../protocol/errors.ts';
import type { LayerMeeting, LayerPairNames } from '../protocol/records.ts';

const WORDS: Readonly<Record<AblationKind, string>> = {
  best: 'the chosen pairs',
  sameDepth: 'teacher layers of the same depth in their place',
  random: 'random teacher layers in their place',
  none: 'no pairs',
};

/** Fewer tell nothing about their spread. */
const SEEDS = [1, 2, 3];

export interface AblationVariant {
  readonly kind: AblationKind;
  readonly pairs: readonly LayerPairNames[];
  /** Beside the config. */
  readonly fileName: string;
  readonly text: string;
}

export interface AblationInput {
  /** Absolute path of the config that is varied. */
  readonly file: string;
  /** It as it would run, every default written out. */
  readonly effective: string;
  readonly meeting: LayerMeeting;
  readonly pairs: readonly LayerPairNames[];
}

interface Effective {
  readonly name: string;
  readonly distill: {
    readonly match: readonly Readonly<Record<string, Readonly<Record<string, unknown>>>>[];
    readonly hardLabelWeight: unknown;
  };
  readonly compare: { readonly seeds?: readonly number[] };
  readonly phases?: unknown;
}

/**
 * The experiments that tell whether these pairs are worth matching: the same student layers with the chosen teacher layers, with those
 * of the same depth, with random ones, and without. They extend the config and differ in nothing but the pairs of one term: the weight
 * of hard labels, which would follow the terms, is written down, and all have the same seeds. A variant that would be the same as one
 * before it is left out.
 *
 * @param set number of this ablation among those of the config: it stands in the names of its files
 *
 * @throws UserError KD5125 where the config has phases written out, whose terms cannot be varied so
 */
export function ablation(
  { file, effective, meeting, pairs }: AblationInput,
  set = 1,
): readonly AblationVariant[] {
  const value = parse(effective) as Effective;
  if (value.phases !== undefined) {
    throw new UserError({
      code: 'KD5125',
      message: 'an ablation varies distill.match, and this experiment writes its phases out',
      help: 'Write the variants by hand, or use a scheme.',
      file,
    });
  }
  const stem = `${basename(file).replace(/\.kd\.yaml$/, '')}.ablation${set === 1 ? '' : `-${set}`}`;
  const seen = new Set<string>();
  return ABLATION_KINDS.flatMap((kind) => {
    const own = variantPairs(kind, meeting, pairs);
    const key = own.map(({ teacher, student }) => `${teacher} ${student}`).join('\n');
    if (own.length < pairs.length && kind !== 'none') return [];
    if (seen.has(key)) return [];
    seen.add(key);
    const text = variantText(kind, value, file, meeting.method, own);
    return [{ kind, pairs: own, fileName: `${stem}-${ABLATION_SLUGS[kind]}.kd.yaml`, text }];
  });
}

function variantText(
  kind: AblationKind,
  { name, distill, compare }: Effective,
  file: string,
  method: string,
  pairs: readonly LayerPairNames[],
): string {
  const at = distill.match.findIndex((term) => Object.keys(term)[0] === method);
  const settings = distill.match[at]?.[method] ?? { weight: findMethod(method)?.defaultWeight.value ?? 1 };
  const term = { [method]: { ...settings, pairs: pairs.map(({ teacher, student }) => [teacher, student]) } };
  const others = distill.match.filter((_, index) => index !== at);
  const match =
    pairs.length === 0
      ? others
      : at === -1
        ? [...others, term]
        : distill.match.map((one, index) => (index === at ? term : one));
  const seeds = compare.seeds ?? [];
  const written = {
    extends: basename(file),
    name: `${name}: ${WORDS[kind]}`,
    distill: { match, hardLabelWeight: distill.hardLabelWeight },
    compare: { baseline: false, seeds: seeds.length < SEEDS.length ? SEEDS : seeds },
  };
  const text = stringify(written, { flowCollectionPadding: true, lineWidth: 120 });
  return `# One of an ablation over matched layers: ${WORDS[kind]}. The others stand beside this file.\n${text}`;
}

function variantPairs(
  kind: AblationKind,
  meeting: LayerMeeting,
  pairs: readonly LayerPairNames[],
): readonly LayerPairNames[] {
  switch (kind) {
    case 'best':
      return pairs;
    case 'sameDepth':
      return pairs.flatMap((pair) => sameDepth(meeting, pair) ?? []);
    case 'random':
      return randomPairs(meeting, pairs);
    case 'none':
      return [];
  }
}

/** The teacher layer that fits and stands at the same share of the named layers, the first of equals. */
function sameDepth(meeting: LayerMeeting, { student }: LayerPairNames): LayerPairNames | null {
  const column = columnOf(meeting, student);
  const share = (index: number, count: number) => index / Math.max(1, count - 1);
  const wanted = share(column, meeting.student.layers.length);
  const fitting = rowsThatFit(meeting, column).map((row) => ({
    teacher: meeting.teacher.layers[row]?.name ?? '',
    apart: Math.abs(share(row, meeting.teacher.layers.length) - wanted),
  }));
  const best = fitting.reduce<(typeof fitting)[number] | null>(
    (nearest, one) => (nearest === null || one.apart < nearest.apart ? one : nearest),
    null,
  );
  return best === null ? null : { teacher: best.teacher, student };
}

const MOST_DRAWS = 200;

/** Teacher layers drawn among those that fit, in the order of the networks, other ones than were given. The same each time. */
function randomPairs(meeting: LayerMeeting, pairs: readonly LayerPairNames[]): readonly LayerPairNames[] {
  const students = [...pairs].sort((a, b) => columnOf(meeting, a.student) - columnOf(meeting, b.student));
  const fitting = students.map(({ student }) => rowsThatFit(meeting, columnOf(meeting, student)));
  const random = drawing(1);
  for (let draw = 0; draw < MOST_DRAWS; draw++) {
    const rows = fitting.map((some) => some[Math.floor(random() * some.length)] ?? -1);
    const isOrdered = rows.every((row, at) => row >= 0 && (at === 0 || row > (rows[at - 1] ?? -1)));
    const drawn = students.map(({ student }, at) => ({
      teacher: meeting.teacher.layers[rows[at] ?? -1]?.name ?? '',
      student,
    }));
    const isOther = drawn.every(
      (one) => !pairs.some(({ teacher, student }) => teacher === one.teacher && student === one.student),
    );
    if (isOrdered && isOther) return drawn;
  }
  return [];
}

/** Numbers in 0..1 of a linear congruential generator (Numerical Recipes, 3rd edition, section 7.1). */
function drawing(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function columnOf({ student }: LayerMeeting, name: string): number {
  return student.layers.findIndex((layer) => layer.name === name);
}

function rowsThatFit({ teacher, adapters }: LayerMeeting, column: number): readonly number[] {
  return teacher.layers.flatMap((_, row) => ((adapters[row]?.[column] ?? null) === null ? [] : [row]));
}
