import type { Span, Stretch } from './timeline.ts';

/** How often everything happens in a whole run of a phase, all seeds together. */
export interface Work {
  readonly jobs: number;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  /** Batches of the validation and the test split, of the whole run and of the dry run. */
  readonly validationBatches: number;
  readonly validationLooks: number;
  readonly testBatches: number;
  /** Batches that teachers answer once, before the first seed, to be kept in memory or in a book; 0: they answer in every step. */
  readonly answeredBatches: number;
  /** Epochs of a training after which layers are compared. */
  readonly similarityEpochs: number;
}

export interface PhaseTimes {
  /** From the end of one step to the end of the next: batch, answers and all; null where nothing is trained. */
  readonly stepMilliseconds: number | null;
  readonly totalMilliseconds: number;
}

/** One epoch of the dry run, in milliseconds. */
interface Epoch {
  /** Its steps, without looks at gradients. */
  readonly training: number;
  /** Validation, up to its record. */
  readonly evaluating: number;
  readonly similarity: number;
  /** Best weights, gap, checkpoint and records. */
  readonly ending: number;
}

const isStep = ({ kind, name }: Span) => kind === 'graph' && /^(train|accumulate|generate)/.test(name);
const isGraph = (span: Span, name: string) => span.kind === 'graph' && span.name === name;
const isAnswer = ({ kind, name }: Span) => kind === 'graph' && /^(answers|book)\//.test(name);
const isPredict = ({ kind, name }: Span) => kind === 'graph' && name.startsWith('predict');
const length = ({ start, end }: Span) => end - start;

/**
 * The time of the whole phase, from what a few epochs of a few steps took: `load + answers + warming + seeds * (setup + epochs *
 * (steps * step + shares + evaluation + ending) + similarity + tests)`. Everything is a median of what was warm; what the
 * first epoch and the first answers took longer, compiling and allocating, is counted once.
 */
export function estimatePhase(stretch: Stretch, work: Work): PhaseTimes {
  const { spans } = stretch;
  const first = spans.find((span) => isStep(span) || isGraph(span, 'shares'));
  const loaded = spans.find(({ kind }) => kind === 'loaded')?.end ?? stretch.start;
  if (first === undefined) return { stepMilliseconds: null, totalMilliseconds: stretch.end - stretch.start };
  const before = spans.filter(({ start, end }) => start >= loaded && end <= first.start);
  const asked = intervals(before, isAnswer);
  const epochs = epochsOf(spans.filter(({ start }) => start >= first.start));
  const warm = epochs.length > 1 ? epochs.slice(1) : epochs;
  const middle = (part: keyof Epoch) => median(warm.map((epoch) => epoch[part]));
  const step = stepMilliseconds(spans);
  const shares = spans.filter((span) => isGraph(span, 'shares')).map(length);
  const answered = sum(asked.map(({ milliseconds }) => milliseconds));
  const setup = first.start - loaded - answered;
  const answering = medians(asked);
  const usual = sum(asked.map(({ name }) => answering.get(name) ?? 0));
  const warming = (['training', 'evaluating', 'ending'] as const).map((part) =>
    Math.max(0, (epochs[0]?.[part] ?? 0) - middle(part)),
  );
  const once = Math.max(0, answered - usual) + sum(warming);
  const looks = work.validationLooks === 0 ? 0 : work.validationBatches / work.validationLooks;
  const epoch = work.stepsPerEpoch * step + median(shares) + looks * middle('evaluating') + middle('ending');
  const compared = epochs.map(({ similarity }) => similarity).filter((milliseconds) => milliseconds > 0);
  const job = setup + work.epochs * epoch + work.similarityEpochs * median(compared) + testing(stretch, work);
  return {
    stepMilliseconds: step,
    totalMilliseconds:
      loaded - stretch.start + once + work.answeredBatches * sum([...answering.values()]) + work.jobs * job,
  };
}

/**
 * From the last epoch to the end of the training. Test is read with the best weights and, where they are others, with the last
 * ones: the last epoch is taken to be the best as often as any.
 */
function testing({ spans, end }: Stretch, { testBatches, epochs }: Work): number {
  const last = spans.findLastIndex(isStep);
  const checkpoint = spans.findIndex(({ kind }, at) => at > last && kind === 'checkpoint');
  const from = spans[checkpoint]?.end ?? end;
  const read = intervals(spans.slice(checkpoint + 1), isPredict);
  const fixed = end - from - sum(read.map(({ milliseconds }) => milliseconds));
  return fixed + (2 - 1 / Math.max(1, epochs)) * testBatches * sum([...medians(read).values()]);
}

/** The spans of the training, cut behind the checkpoint that ends each epoch. */
function epochsOf(spans: readonly Span[]): Epoch[] {
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
  const steps = spans.filter(isStep);
  const trained = steps.at(-1)?.end ?? 0;
  const validated = spans.find(({ kind, start }) => kind === 'validated' && start >= trained)?.end ?? trained;
  const probed = spans.find((span) => isGraph(span, 'probeTeacher') || isGraph(span, 'probe'));
  const compared = spans.findLast(({ kind }) => kind === 'similarity');
  const similarity = probed === undefined || compared === undefined ? 0 : compared.end - probed.start;
  const shares = spans.filter((span) => isGraph(span, 'shares'));
  // The record of validation holds what was found about the layers that are matched.
  const within = (probed?.start ?? validated) < validated ? similarity : 0;
  return {
    training: trained - (spans[0]?.start ?? trained) - sum(shares.map(length)),
    evaluating: validated - trained - within,
    similarity,
    ending: (spans.at(-1)?.end ?? validated) - validated - (similarity - within),
  };
}

/**
 * Of steps between which nothing else was done than what every step does, of each graph the median, by how often it ran. The
 * first half is warming up.
 */
function stepMilliseconds(spans: readonly Span[]): number {
  const found: { name: string; milliseconds: number }[] = [];
  let last: number | null = null;
  for (const span of spans) {
    if (isStep(span)) {
      if (last !== null) found.push({ name: span.name, milliseconds: span.end - last });
      last = span.end;
    } else if (!isAnswer(span)) last = null;
  }
  const steps = spans.filter(isStep).map((span) => ({ name: span.name, milliseconds: length(span) }));
  const all = found.length > 0 ? found : steps;
  const full = all.filter(({ name }) => !name.includes('Last'));
  const counted = full.length > 0 ? full : all;
  const names = [...new Set(counted.map(({ name }) => name))];
  const total = names.map((name) => {
    const own = counted.filter((one) => one.name === name).map(({ milliseconds }) => milliseconds);
    return own.length * median(own.slice(own.length >> 1));
  });
  return sum(total) / counted.length;
}

/** Of graphs that ran one after another: from the end of the span before to the end of each. */
function intervals(spans: readonly Span[], matches: (span: Span) => boolean) {
  return spans.flatMap((span, at) => {
    if (!matches(span)) return [];
    const before = spans[at - 1];
    const start = before !== undefined && matches(before) ? before.end : span.start;
    return [{ name: span.name, milliseconds: span.end - start }];
  });
}

/** Of each graph by its name. */
function medians(
  runs: readonly { readonly name: string; readonly milliseconds: number }[],
): ReadonlyMap<string, number> {
  const names = [...new Set(runs.map(({ name }) => name))];
  return new Map(
    names.map((name) => [
      name,
      median(runs.filter((run) => run.name === name).map(({ milliseconds }) => milliseconds)),
    ]),
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** 0 of none. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? upper) + upper) / 2;
}
