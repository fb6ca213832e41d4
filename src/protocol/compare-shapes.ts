import { verdict, verdictFields, verdictWord } from './verdict-shapes.ts';
import type {
  ComparedMetric,
  Comparison,
  ComparisonReport,
  Contender,
  Setting,
  SettingDifference,
} from './comparison.ts';
import { LABEL_LIMITS, runLabels, type LabelChange } from './labels.ts';
import type { Artefact, CompareRequest, RunFiles, RunTableRow, Watched } from './panel-compare.ts';
import type { NumberedRequest } from './panel.ts';
import { RUN_STATUSES } from './records.ts';
import {
  boolean,
  count,
  finite,
  jsonNumber,
  list,
  literal,
  Mismatch,
  nullable,
  object,
  optional,
  text,
  type Shape,
} from './shape.ts';

/** Limits of what travels about comparisons; the host keeps within them. */
export const COMPARE_LIMITS = {
  nameLength: 500,
  pathLength: 8_192,
  lineLength: 2_000,
  rows: 1_000,
  /** Runs of one comparison. */
  runs: 100,
  contenders: 400,
  seeds: 1_000,
  settings: 2_000,
  logLines: 200,
  artefacts: 500,
} as const;

const name = text(COMPARE_LIMITS.nameLength);
const path = text(COMPARE_LIMITS.pathLength);
const line = text(COMPARE_LIMITS.lineLength);
const runs = list(path, COMPARE_LIMITS.runs);

export const tableRow = object<RunTableRow>({
  id: name,
  directory: path,
  name,
  config: path,
  status: literal(...RUN_STATUSES),
  createdAt: name,
  verdict: nullable(verdictWord),
  labels: runLabels,
  student: nullable(name),
  metric: name,
  best: nullable(jsonNumber),
  last: nullable(jsonNumber),
  teacher: nullable(jsonNumber),
  baseline: nullable(jsonNumber),
  difference: nullable(finite),
  seeds: count,
  parameters: nullable(finite),
  multiplyAdds: nullable(finite),
  millisecondsPerStep: nullable(finite),
  latency: nullable(finite),
  seconds: nullable(finite),
});

export const comparedMetric = object<ComparedMetric>({
  name,
  unit: literal('points', 'nats', 'dB'),
  better: literal('higher', 'lower'),
});

const contender = object<Contender>({
  run: name,
  directory: path,
  experiment: name,
  student: name,
  seeds: list(
    object({ seed: finite, best: nullable(jsonNumber), last: nullable(jsonNumber) }),
    COMPARE_LIMITS.seeds,
  ),
  verdict: nullable(verdict),
  parameters: finite,
  multiplyAdds: finite,
  bytes: finite,
  millisecondsPerStep: finite,
  latency: nullable(object({ milliseconds: finite, batch: count })),
  machine: line,
});

const comparison = object<Comparison>({
  ...verdictFields,
  p: nullable(finite),
  adjustedP: nullable(finite),
  adjusted: verdictWord,
});

const setting: Shape<Setting> = (value, place) => {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return finite(value, place);
  if (typeof value === 'string') return line(value, place);
  throw new Mismatch(place, 'a value of a config');
};

export const comparisonReport = object<ComparisonReport>({
  metric: comparedMetric,
  level: finite,
  test: name,
  runs: list(name, COMPARE_LIMITS.runs),
  contenders: list(contender, COMPARE_LIMITS.contenders),
  comparisons: list(
    object({ contender: count, best: comparison, last: nullable(comparison) }),
    COMPARE_LIMITS.contenders,
  ),
  settings: list(
    object<SettingDifference>({ key: line, values: list(setting, COMPARE_LIMITS.runs) }),
    COMPARE_LIMITS.settings,
  ),
  dominated: list(nullable(count), COMPARE_LIMITS.contenders),
  remarks: list(line, COMPARE_LIMITS.runs),
});

const pair: Shape<readonly [string, string]> = (value, place) => {
  const [first, second, ...rest] = list(line, 2)(value, place);
  if (first === undefined || second === undefined || rest.length > 0)
    throw new Mismatch(place, 'a pair of texts');
  return [first, second] as const;
};

export const runFiles = {
  run: path,
  log: list(line, COMPARE_LIMITS.logLines),
  artefacts: list(
    object<Artefact>({
      name,
      kind: literal('config', 'record', 'log', 'metrics', 'checkpoint', 'model', 'measurement', 'book'),
      bytes: count,
    }),
    COMPARE_LIMITS.artefacts,
  ),
  environment: list(pair, COMPARE_LIMITS.artefacts),
} satisfies Record<keyof RunFiles, unknown>;

export const compareHostShapes = {
  table: object({ type: literal('table'), rows: list(tableRow, COMPARE_LIMITS.rows) }),
  comparison: object({ type: literal('comparison'), report: comparisonReport }),
  files: object({ type: literal('files'), ...runFiles }),
  showComparison: object({ type: literal('showComparison'), runs }),
};

const tags = list(text(LABEL_LIMITS.noteLength), LABEL_LIMITS.tags * 2);
const labelChange = object<LabelChange>({
  starred: optional(boolean),
  archived: optional(boolean),
  addTags: optional(tags),
  removeTags: optional(tags),
  note: optional(text(LABEL_LIMITS.noteLength)),
});
const about = { id: count, run: path };

export const watched = object<Watched & { type: 'watch' }>({
  type: literal('watch'),
  table: boolean,
  files: boolean,
});

export const compareRequestShapes: {
  readonly [K in CompareRequest['type']]: Shape<Extract<NumberedRequest, { readonly type: K }>>;
} = {
  compare: object({ type: literal('compare'), id: count, runs, metric: name, toBaseline: boolean }),
  label: object({
    type: literal('label'),
    id: count,
    runs: list(path, COMPARE_LIMITS.rows),
    change: labelChange,
  }),
  deleteRuns: object({ type: literal('deleteRuns'), id: count, runs: list(path, COMPARE_LIMITS.rows) }),
  diffConfigs: object({ type: literal('diffConfigs'), id: count, runs }),
  report: object({
    type: literal('report'),
    id: count,
    runs,
    metric: name,
    toBaseline: boolean,
    format: literal('html', 'md', 'csv'),
  }),
  queue: object({ type: literal('queue'), ...about }),
  exportRun: object({ type: literal('exportRun'), ...about }),
  reveal: object({ type: literal('reveal'), ...about }),
  openArtefact: object({ type: literal('openArtefact'), ...about, name }),
};
