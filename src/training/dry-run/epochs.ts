import { sum } from '../middle.ts';
import {
  isActivity,
  isAnswer,
  isAttention,
  isDrawing,
  isProbe,
  isSearch,
  isShares,
  isStep,
  intervals,
  lengthOf,
} from './spans.ts';
import type { Span } from './timeline.ts';

/** One epoch of the dry run, part by part, in milliseconds. */
export interface Epoch {
  /** Its steps and searches, without looks at gradients and without records. */
  readonly training: number;
  /** Looking for silent neurons, on the training samples. */
  readonly cutting: number;
  /** Making a smaller program where neurons went, without what teachers are then asked anew; 0 where all stay. */
  readonly reloading: number;
  /** From the last step to the first answer on validation: the record of the epoch. */
  readonly reporting: number;
  /** Answers on validation and what is measured of them. */
  readonly evaluating: number;
  readonly gap: number;
  readonly similarity: number;
  readonly looking: number;
  readonly drawing: number;
  /** Record of validation, best weights, and reading the state. */
  readonly ending: number;
  readonly checkpoint: number;
}

/** The spans of a training, cut behind the checkpoint that ends each epoch. */
export function epochsOf(spans: readonly Span[]): Epoch[] {
  const epochs: Epoch[] = [];
  let own: Span[] = [];
  for (const span of spans) {
    own.push(span);
    if (span.kind !== 'checkpoint' || !own.some(isStep)) continue;
    epochs.push(epochOf(own));
    own = [];
  }
  return epochs;
}

function epochOf(spans: readonly Span[]): Epoch {
  const last = spans.findLastIndex((span) => isStep(span) || isSearch(span));
  const [training, after] = [spans.slice(0, last + 1), spans.slice(last + 1)];
  const [began, trained] = [training[0]?.start ?? 0, training.at(-1)?.end ?? 0];
  const ended = after.at(-1)?.end ?? trained;
  const validated = after.find(({ kind }) => kind === 'validated');
  const beside = besideOf(after, trained);
  // The record of validation holds what was found about the gap and the layers that are matched.
  const before = sum(
    Object.values(beside).map(({ start, end }) => (start < (validated?.start ?? 0) ? end - start : 0)),
  );
  const all = sum(Object.values(beside).map(lengthOfPart));
  const { cutting, reloading, gap, similarity, looking, drawing, checkpoint } = beside;
  const cut = Math.max(trained, cutting.end, reloading.end);
  const isFirst = (span: Span) => span.kind === 'graph' && span.start >= cut;
  const first = after.find((span) => isFirst(span) && !isActivity(span) && !isBeside(span));
  const validating =
    validated === undefined ? cut : Math.min(first?.start ?? validated.start, validated.start);
  const earlier = lengthOfPart(cutting) + lengthOfPart(reloading);
  const evaluating = validated === undefined ? 0 : validated.start - validating - (before - earlier);
  const answered = sum(
    intervals(answersOf(after, reloading), isAnswer).map(({ milliseconds }) => milliseconds),
  );
  return {
    training:
      trained - began - sum(training.filter((span) => isShares(span) || isRecord(span)).map(lengthOf)),
    cutting: lengthOfPart(cutting),
    reloading: lengthOfPart(reloading) - answered,
    reporting: validating - cut,
    evaluating,
    gap: lengthOfPart(gap),
    similarity: lengthOfPart(similarity),
    looking: lengthOfPart(looking),
    drawing: lengthOfPart(drawing),
    ending: ended - trained - (validating - cut) - evaluating - all,
    checkpoint: lengthOfPart(checkpoint),
  };
}

type Part = Pick<Span, 'start' | 'end'>;
const NOTHING: Part = { start: 0, end: 0 };

/** What happens after some epochs only, each from its first graph to its last mark. */
function besideOf(after: readonly Span[], trained: number) {
  const part = (graph: (span: Span) => boolean, mark: Span['kind']): Part => {
    const start = after.find(graph)?.start;
    const end = after.findLast(({ kind }) => kind === mark)?.end;
    return start === undefined || end === undefined ? NOTHING : { start, end };
  };
  const gapAt = after.findIndex(({ kind }) => kind === 'gap');
  const searched = after.findLast(isActivity);
  const cutting = searched === undefined ? NOTHING : { start: trained, end: searched.end };
  return {
    cutting,
    reloading: searched === undefined ? NOTHING : reloadingOf(after, cutting.end),
    // It has no graph of its own.
    gap: gapAt < 1 ? NOTHING : { start: after[gapAt - 1]?.end ?? 0, end: after[gapAt]?.end ?? 0 },
    similarity: part(isProbe, 'similarity'),
    looking: part(isAttention, 'attention'),
    drawing: part(isDrawing, 'picture'),
    checkpoint: after.findLast(({ kind }) => kind === 'checkpoint') ?? NOTHING,
  };
}

/** From the last look for silent neurons to the last answer of teachers that are asked anew, or until the program is there. */
function reloadingOf(after: readonly Span[], start: number): Part {
  const at = after.findIndex(({ kind }) => kind === 'loaded');
  if (at === -1) return NOTHING;
  const next = after.findIndex((span, index) => index > at && !isAnswer(span));
  return { start, end: after[(next === -1 ? after.length : next) - 1]?.end ?? start };
}

function answersOf(after: readonly Span[], { start, end }: Part): readonly Span[] {
  return after.filter((span) => span.start >= start && span.end <= end);
}

const lengthOfPart = ({ start, end }: Part): number => end - start;
const isBeside = (span: Span): boolean => isProbe(span) || isAttention(span) || isDrawing(span);
const isRecord = ({ kind }: Span): boolean => kind === 'record' || kind === 'progress';

/** What one record of the training loss takes, with what `run.json` then says; 0 where there are none. */
export function recordMilliseconds(spans: readonly Span[]): number {
  const written = spans.filter(({ kind }) => kind === 'record').length;
  return written === 0 ? 0 : sum(spans.filter(isRecord).map(lengthOf)) / written;
}
