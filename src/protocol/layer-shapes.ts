import type {
  KeptSimilarity,
  LayerAdapter,
  LayerFact,
  LayerMeeting,
  LayerNetwork,
  LayersRecord,
  SimilarityTableRecord,
} from './records.ts';
import { SIMILARITY_MEASURES } from './records.ts';
import type { Shape } from './shape.ts';
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
} from './shape.ts';

const MOST_LAYERS = 400;
const MOST_MEETINGS = 50;
const MOST_PAIRS = 1_000;
const MOST_KERNELS = 50;

const name = text(500);

const network = object<LayerNetwork>({
  model: name,
  architecture: name,
  layers: list(object<LayerFact>({ name, path: name, shape: list(count, 4), main: boolean }), MOST_LAYERS),
});

const tableOf = <T>(cell: Shape<T>) => list(list(cell, MOST_LAYERS), MOST_LAYERS);

const adapter = object<LayerAdapter>({
  parameters: count,
  multiplyAdds: count,
  kernels: list(name, MOST_KERNELS),
});

const similarityTable = object<SimilarityTableRecord>({
  measure: literal(...SIMILARITY_MEASURES),
  values: tableOf(jsonNumber),
  errors: optional(tableOf(jsonNumber)),
});

const meetingFields = object<LayerMeeting>({
  phase: name,
  method: name,
  batch: count,
  teacher: network,
  student: network,
  adapters: tableOf(nullable(adapter)),
  matched: list(object({ teacher: name, student: name }), MOST_PAIRS),
  cost: optional(object({ comparisons: count, milliseconds: finite, share: finite })),
  kept: optional(
    object<KeptSimilarity>({
      seed: finite,
      samples: count,
      batches: count,
      tables: list(similarityTable, SIMILARITY_MEASURES.length),
    }),
  ),
});

/** Every table has a row for each teacher layer and a column for each student layer. */
const meeting: Shape<LayerMeeting> = (value, place) => {
  const found = meetingFields(value, place);
  const [rows, columns] = [found.teacher.layers.length, found.student.layers.length];
  const tables = (found.kept?.tables ?? []).flatMap(({ values, errors = values }) => [values, errors]);
  const isWhole = [found.adapters, ...tables].every(
    (table) => table.length === rows && table.every((row) => row.length === columns),
  );
  if (!isWhole) throw new Mismatch(place, 'a meeting with tables of teacher layers by student layers');
  return found;
};

/** `layers.json`, wherever it comes from. */
export const layersRecord = object<LayersRecord>({
  formatVersion: literal(1),
  meetings: list(meeting, MOST_MEETINGS),
});
