import type {
  HostMessage,
  PanelMessage,
  RunContent,
  RunProgress,
  RunSummary,
  RunView,
  SeriesPoints,
} from './panel.ts';
import type {
  EventRecord,
  GapRecord,
  LayerPairNames,
  PhaseResult,
  RunResults,
  SimilarityRecord,
} from './records.ts';
import { EXPORT_FORMATS } from './panel.ts';
import { RUN_STATUSES, SIMILARITY_MEASURES } from './records.ts';
import { ablationAnswer } from './ablation.ts';
import { layersRecord } from './layer-shapes.ts';
import { shownDiagnosis } from './diagnosis-shapes.ts';
import { attentionRecord, classGap, gapReport, softened } from './gap-shapes.ts';
import { LIMITS } from './limits.ts';
import type { Shape } from './shape.ts';
import {
  base64,
  boolean,
  column,
  count,
  dictionary,
  finite,
  jsonNumber,
  list,
  literal,
  Mismatch,
  nullable,
  object,
  optional,
  read,
  tagged,
  text,
  within,
} from './shape.ts';
import { MOST_PICTURES, pictureRecord } from './picture-shapes.ts';
import type { Read } from './shape.ts';
import { verdict, verdictWord } from './verdict-shapes.ts';
import { compareHostShapes, compareRequestShapes, watched } from './compare-shapes.ts';

export { verdict } from './verdict-shapes.ts';

const name = text(LIMITS.nameLength);
const path = text(LIMITS.pathLength);
const message = text(LIMITS.messageLength);

const split = literal('train', 'validation', 'test');
const status = literal(...RUN_STATUSES);
const values = dictionary(jsonNumber, LIMITS.metrics);

const phaseResult = object<PhaseResult>({
  phase: name,
  model: name,
  seed: finite,
  epochs: finite,
  validation: values,
  test: values,
  bestEpoch: finite,
  lastEpoch: finite,
  lastValidation: values,
  lastTest: optional(values),
  confusion: optional(list(list(count, LIMITS.confusionClasses), LIMITS.confusionClasses)),
  parameters: finite,
  multiplyAdds: finite,
  bytes: finite,
  millisecondsPerStep: finite,
  imagesPerSecond: finite,
  latency: optional(object({ milliseconds: finite, batch: count })),
});

export const runResults = object<RunResults>({
  phases: list(phaseResult, LIMITS.phases),
  metric: optional(name),
  verdict: nullable(verdict),
  verdicts: optional(list(object({ student: name, verdict }), LIMITS.phases)),
});

const summaryFields = {
  id: name,
  directory: path,
  name,
  config: path,
  status,
  createdAt: name,
  verdict: nullable(verdictWord),
};
export const runSummary = object<RunSummary>(summaryFields);

export const runProgress = object<RunProgress>({
  phase: name,
  seed: finite,
  epoch: finite,
  epochs: finite,
  step: finite,
  done: finite,
  secondsLeft: finite,
});

export const runView = object<RunView>({
  ...summaryFields,
  seeds: list(finite, LIMITS.seeds),
  overrides: list(message, 500),
  startedAt: optional(name),
  finishedAt: optional(name),
  executor: optional(name),
  machine: optional(name),
  refused: list(object({ name, reason: message }), 50),
  fallen: list(object({ phase: name, executor: name, reason: message }), 50),
  moves: list(object({ from: name, to: name, phase: name, seed: finite, step: count }), 50),
  progress: optional(runProgress),
  results: optional(runResults),
  failure: optional(object({ code: name, message, help: message })),
});

const counted = column(
  LIMITS.pointsInSeries,
  (entry) => Number.isSafeInteger(entry) && entry >= 0,
  'a whole number of at least 0',
);
const seriesFields = object<SeriesPoints>({
  phase: name,
  seed: finite,
  split,
  metric: name,
  steps: counted,
  epochs: counted,
  times: column(LIMITS.pointsInSeries, Number.isFinite, 'a finite number'),
  values: column(LIMITS.pointsInSeries),
});
const series: Shape<SeriesPoints> = (value, place) => {
  const points = seriesFields(value, place);
  const { steps, epochs, times, values: all } = points;
  if ([epochs, times, all].some(({ length }) => length !== steps.length)) {
    throw new Mismatch(place, 'a series with columns of one length');
  }
  return points;
};

export const gapRecord = object<GapRecord>({
  phase: name,
  seed: finite,
  epoch: count,
  kl: jsonNumber,
  js: optional(jsonNumber),
  softened: optional(softened),
  agreement: finite,
  teacherAccuracy: finite,
  studentAccuracy: finite,
  teacherCalibrationError: optional(jsonNumber),
  studentCalibrationError: optional(jsonNumber),
  perClass: list(classGap, LIMITS.classes),
});

const table = list(list(jsonNumber, LIMITS.layers), LIMITS.layers);
const similarityFields = object<SimilarityRecord>({
  phase: name,
  seed: finite,
  epoch: count,
  measure: literal(...SIMILARITY_MEASURES),
  samples: count,
  batches: optional(count),
  teacherLayers: list(name, LIMITS.layers),
  studentLayers: list(name, LIMITS.layers),
  values: table,
  errors: optional(table),
});
export const similarityRecord: Shape<SimilarityRecord> = (value, place) => {
  const record = similarityFields(value, place);
  const { teacherLayers, studentLayers, values: found, errors = found } = record;
  const isWhole = [found, errors].every(
    (one) => one.length === teacherLayers.length && one.every((row) => row.length === studentLayers.length),
  );
  if (!isWhole) throw new Mismatch(place, 'a table of teacher layers by student layers');
  return record;
};

export const eventRecord = object<EventRecord>({
  type: literal('event'),
  time: finite,
  kind: literal('phase', 'warning', 'checkpoint', 'guard', 'resume', 'note'),
  message,
  phase: optional(name),
  seed: optional(finite),
  epoch: optional(finite),
  step: optional(finite),
  seq: optional(finite),
});

const contentLists = {
  series: list(series, LIMITS.series),
  gap: list(gapRecord, LIMITS.gapRecords),
  similarity: list(similarityRecord, LIMITS.similarityRecords),
  events: list(eventRecord, LIMITS.events),
};
const pictures = optional(list(pictureRecord, MOST_PICTURES));
const content = object<RunContent>({
  run: runView,
  ...contentLists,
  pictures,
  layers: nullable(layersRecord),
  ignored: count,
});

const changes = object<Extract<HostMessage, { type: 'delta' }>['changes']>({
  run: optional(runView),
  series: optional(contentLists.series),
  gap: optional(contentLists.gap),
  similarity: optional(contentLists.similarity),
  pictures,
  events: optional(contentLists.events),
  layers: optional(layersRecord),
  ignored: optional(count),
});

const hostMessage = tagged<HostMessage>({
  welcome: object({ type: literal('welcome'), version: count }),
  runs: object({
    type: literal('runs'),
    runs: list(runSummary, LIMITS.runs),
    config: nullable(path),
    trusted: boolean,
  }),
  snapshot: object<Extract<HostMessage, { type: 'snapshot' }>>({
    type: literal('snapshot'),
    overlay: optional(path),
    stream: count,
    through: finite,
    content: nullable(content),
  }),
  delta: object<Extract<HostMessage, { type: 'delta' }>>({
    type: literal('delta'),
    overlay: optional(path),
    stream: count,
    after: finite,
    through: finite,
    changes,
  }),
  ablation: object({ type: literal('ablation'), run: path, answer: nullable(ablationAnswer) }),
  gapReport: object({
    type: literal('gapReport'),
    run: path,
    reports: list(name, LIMITS.gapReports),
    report: nullable(gapReport),
    attention: list(attentionRecord, LIMITS.attentionRecords),
  }),
  diagnosis: object({ type: literal('diagnosis'), run: path, diagnosis: shownDiagnosis }),
  reply: object({ type: literal('reply'), id: count, ok: boolean, message }),
  ...compareHostShapes,
});

const chosenPairs = list(object<LayerPairNames>({ teacher: name, student: name }), LIMITS.chosenPairs);
const exportFile = object<Extract<PanelMessage, { type: 'exportFile' }>>({
  type: literal('exportFile'),
  id: count,
  name,
  format: literal(...EXPORT_FORMATS),
  content: text(LIMITS.fileLength),
});

const panelMessage = tagged<PanelMessage>({
  ready: object({ type: literal('ready'), version: count, run: nullable(path) }),
  resync: object({ type: literal('resync'), reason: message }),
  problem: object({ type: literal('problem'), message }),
  watch: watched,
  ...compareRequestShapes,
  selectRun: object({ type: literal('selectRun'), id: count, run: path }),
  start: object({ type: literal('start'), id: count }),
  stop: object({ type: literal('stop'), id: count, run: path }),
  pause: object({ type: literal('pause'), id: count, run: path }),
  resume: object({ type: literal('resume'), id: count, run: path }),
  showLog: object({ type: literal('showLog'), id: count, run: path }),
  openConfig: object({ type: literal('openConfig'), id: count, run: path }),
  insertPair: object({ type: literal('insertPair'), id: count, run: path, teacher: name, student: name }),
  insertPairs: object({
    type: literal('insertPairs'),
    id: count,
    run: path,
    pairs: chosenPairs,
  }),
  writeAblation: object({
    type: literal('writeAblation'),
    id: count,
    run: path,
    pairs: chosenPairs,
    queue: boolean,
  }),
  gap: object({
    type: literal('gap'),
    id: count,
    run: path,
    student: nullable(name),
    seed: nullable(finite),
  }),
  measureGap: object({ type: literal('measureGap'), id: count, run: path, student: nullable(name) }),
  diagnose: object({ type: literal('diagnose'), id: count, run: path }),
  applyChange: object({ type: literal('applyChange'), id: count, run: path, rule: name, change: count }),
  exportCsv: object({ type: literal('exportCsv'), id: count, run: path }),
  overlay: object({
    type: literal('overlay'),
    id: count,
    runs: list(path, LIMITS.overlays),
    metrics: list(name, LIMITS.metrics),
  }),
  exportFile: (value, place) => {
    const file = exportFile(value, place);
    if (file.format === 'png') base64(LIMITS.fileLength)(file.content, `${place}.content`);
    return file;
  },
});

export function readHostMessage(value: unknown): Read<HostMessage> {
  return read(within(LIMITS.hostMessageWeight, hostMessage), value, 'message');
}

export function readPanelMessage(value: unknown): Read<PanelMessage> {
  return read(within(LIMITS.panelMessageWeight, panelMessage), value, 'message');
}
