import type { JsonNumber, LayerAdapter, LayerFact, LayerMeeting, SimilarityTableRecord } from '../records.ts';
import { doCross, freeAssignment, orderedAssignment, type Cell, type Worth } from './assignment.ts';

/** How pairs are chosen. */
export interface MatchOptions {
  /** How many, at most. */
  readonly pairs: number;
  /** `kept`: pairs do not cross; `free`: any. */
  readonly order: 'kept' | 'free';
  /** Whether one teacher layer may teach several student layers. With `free` order it never does. */
  readonly shared: boolean;
  /** Of the student: stages and ends alone, or blocks too. */
  readonly students: 'main' | 'all';
}

export const DEFAULT_OPTIONS: MatchOptions = { pairs: 3, order: 'kept', shared: false, students: 'main' };

/** A pair with all that speaks for and against it. */
export interface MatchedPair {
  readonly teacher: LayerFact;
  readonly student: LayerFact;
  readonly similarity: number;
  /** Standard error; null where there was one batch. */
  readonly error: number | null;
  readonly adapter: LayerAdapter;
  /** Multiply-adds of the adapter in a training step: forward, and backward twice as many. */
  readonly multiplyAddsPerStep: number;
  readonly reason: PairReason;
}

/** Why this pair, in facts. */
export interface PairReason {
  /** How many teacher layers that fit are more alike to this student layer. */
  readonly place: number;
  /** The most alike of those, and why it was not chosen. */
  readonly better: {
    readonly teacher: string;
    readonly similarity: number;
    readonly why: 'crosses' | 'taken' | 'total';
    /** The pair that stands in its way. */
    readonly by: { readonly teacher: string; readonly student: string } | null;
  } | null;
  /** The next one below it, and whether it is so by more than two standard errors of the difference; null where there is none. */
  readonly next: { readonly teacher: string; readonly similarity: number; readonly isClear: boolean } | null;
  readonly sameSize: boolean;
}

/** Forward, gradient by the inputs, gradient by the weights. */
const PASSES = 3;
/** Standard errors of a difference that is called clear. */
const CLEAR = 2;

type Facts = Pick<LayerMeeting, 'teacher' | 'student' | 'adapters' | 'batch'>;

/**
 * The pairs of greatest total similarity that the method can match, most alike first. Pairs that are not alike at all
 * (similarity 0 or below), and the images themselves, are none.
 */
export function matchLayers(
  facts: Facts,
  table: Pick<SimilarityTableRecord, 'values' | 'errors'>,
  options: MatchOptions = DEFAULT_OPTIONS,
): readonly MatchedPair[] {
  const worth = worthOf(facts, table, options);
  const cells =
    options.order === 'free'
      ? freeAssignment(worth, options.pairs)
      : orderedAssignment(worth, options.pairs, options.shared);
  return describePairs(facts, table, cells, options).sort((a, b) => b.similarity - a.similarity);
}

/** Pairs that were chosen, by whomever, as `matchLayers` describes its own; those that cannot be matched are left out. */
export function describePairs(
  facts: Facts,
  table: Pick<SimilarityTableRecord, 'values' | 'errors'>,
  cells: readonly Cell[],
  options: MatchOptions = DEFAULT_OPTIONS,
): MatchedPair[] {
  const worth = worthOf(facts, table, { ...options, students: 'all' });
  return cells.flatMap((cell) => {
    const { row, column } = cell;
    const [teacher, student] = [facts.teacher.layers[row], facts.student.layers[column]];
    const adapter = facts.adapters[row]?.[column] ?? null;
    if (teacher === undefined || student === undefined || adapter === null) return [];
    const similarity = numberAt(table.values, cell);
    const error = table.errors === undefined ? NaN : numberAt(table.errors, cell);
    return [
      {
        ...{ teacher, student, similarity, adapter },
        error: Number.isFinite(error) ? error : null,
        multiplyAddsPerStep: PASSES * facts.batch * adapter.multiplyAdds,
        reason: reasonOf(facts, table, worth, cells, cell, options),
      },
    ];
  });
}

/** Of pairs chosen by hand: those that cross another one. */
export function crossings(cells: readonly Cell[]): readonly (readonly [Cell, Cell])[] {
  return cells.flatMap((one, at) =>
    cells.slice(at + 1).flatMap((other) => (doCross(one, other) ? [[one, other] as const] : [])),
  );
}

/** The place of a pair in the tables; null where a layer has no such name. */
export function cellOf(
  { teacher, student }: Pick<Facts, 'teacher' | 'student'>,
  pair: { readonly teacher: string; readonly student: string },
): Cell | null {
  const row = teacher.layers.findIndex(({ name }) => name === pair.teacher);
  const column = student.layers.findIndex(({ name }) => name === pair.student);
  return row === -1 || column === -1 ? null : { row, column };
}

function worthOf(
  { teacher, student, adapters }: Facts,
  { values }: Pick<SimilarityTableRecord, 'values'>,
  { students }: Pick<MatchOptions, 'students'>,
): Worth {
  return teacher.layers.map((_, row) =>
    student.layers.map(({ main }, column) => {
      const value = numberAt(values, { row, column });
      const counts = (students === 'all' || main) && value > 0 && (adapters[row]?.[column] ?? null) !== null;
      return counts ? value : -Infinity;
    }),
  );
}

function reasonOf(
  { teacher, student }: Facts,
  { errors }: Pick<SimilarityTableRecord, 'errors'>,
  worth: Worth,
  cells: readonly Cell[],
  cell: Cell,
  { order, shared }: MatchOptions,
): PairReason {
  const own = worth[cell.row]?.[cell.column] ?? -Infinity;
  const others = teacher.layers
    .map(({ name }, row) => ({ name, row, value: worth[row]?.[cell.column] ?? -Infinity }))
    .filter(({ row, value }) => row !== cell.row && value > -Infinity)
    .sort((a, b) => b.value - a.value);
  const above = others.filter(({ value }) => value > own);
  const below = others.find(({ value }) => value <= own);
  const [first] = above;
  const rest = cells.filter((one) => one !== cell);
  const named = (one: Cell) => ({
    teacher: teacher.layers[one.row]?.name ?? '',
    student: student.layers[one.column]?.name ?? '',
  });
  const obstacle = (row: number) => {
    const wanted = { row, column: cell.column };
    const taken = shared && order === 'kept' ? undefined : rest.find((one) => one.row === row);
    if (taken !== undefined) return { why: 'taken' as const, by: named(taken) };
    const crossed = order === 'kept' ? rest.find((one) => doCross(one, wanted)) : undefined;
    return crossed === undefined
      ? { why: 'total' as const, by: null }
      : { why: 'crosses' as const, by: named(crossed) };
  };
  const errorOf = (row: number) =>
    errors === undefined ? NaN : numberAt(errors, { row, column: cell.column });
  const [large, small] = [teacher.layers[cell.row], student.layers[cell.column]];
  const sizeOf = (layer: LayerFact | undefined) => layer?.shape.slice(0, -1).join('x');
  return {
    place: above.length,
    better:
      first === undefined ? null : { teacher: first.name, similarity: first.value, ...obstacle(first.row) },
    next:
      below === undefined
        ? null
        : {
            teacher: below.name,
            similarity: below.value,
            isClear: own - below.value > CLEAR * Math.hypot(errorOf(cell.row), errorOf(below.row)),
          },
    sameSize: sizeOf(large) === sizeOf(small),
  };
}

function numberAt(table: readonly (readonly JsonNumber[])[], { row, column }: Cell): number {
  return Number(table[row]?.[column] ?? NaN);
}
