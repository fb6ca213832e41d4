import { dirname, relative, sep } from 'node:path';
import { stringify } from 'yaml';
import type { Experiment } from './experiment.ts';
import type { ConfigValue } from './loose.ts';
import { writtenPhases } from './phases/write.ts';

/**
 * The config with every default and expansion written out. It is a config itself: loaded in place of the file, it makes the
 * same experiment. What the scheme expands to follows as a comment.
 */
export function effectiveConfig(value: ConfigValue, experiment: Experiment): string {
  const folder = dirname(experiment.file);
  const written = {
    ...value,
    ...ofTask(value, experiment),
    name: experiment.name,
    data: { ...value.data, ...dataPaths(experiment, folder) },
    models: Object.fromEntries(
      Object.entries(value.models).map(([name, model]) => [name, resolvedModel(model, experiment, name)]),
    ),
    distill: {
      ...value.distill,
      hardLabelWeight: value.distill.hardLabelWeight ?? experiment.distill.hardLabelWeight,
    },
  };
  // With phases written out, a scheme beside them would be a second way to say it.
  const distill =
    value.phases === undefined
      ? written.distill
      : Object.fromEntries(Object.entries(written.distill).filter(([key]) => key !== 'scheme'));
  const text = stringify(ordered({ ...written, distill }), { flowCollectionPadding: true, lineWidth: 120 });
  return value.phases === undefined ? text + phasesComment(experiment) : text;
}

/** Defaults that are about classes, as they are where images are the answers. */
function ofTask({ train, measure }: ConfigValue, experiment: Experiment): object {
  if (experiment.task.kind === 'classification') return {};
  return {
    train: { ...train, selectBy: experiment.train.selectBy },
    measure: { ...measure, gap: false, metrics: [] },
  };
}

/** `extends` and `partial` are not among them: their work is done. */
const ORDER = [
  'name',
  'task',
  'data',
  'models',
  'distill',
  'phases',
  'train',
  'compare',
  'measure',
  'engine',
];

function ordered(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(ORDER.flatMap((key) => (value[key] === undefined ? [] : [[key, value[key]]])));
}

/** Paths relative to the config, also those that a base file declared. */
function dataPaths({ data }: Experiment, folder: string): object {
  const path = (absolute: string) => relative(folder, absolute).split(sep).join('/') || '.';
  if (data.format === 'image-folder') {
    const folder = (files: typeof data.test) =>
      'fraction' in files ? files : { folder: path(files.folder) };
    return { train: folder(data.train), test: folder(data.test), ...groupPath(data, path) };
  }
  const files = (of: typeof data.test) =>
    'fraction' in of ? of : { inputs: path(of.inputs), labels: path(of.labels) };
  return { train: files(data.train), test: files(data.test), ...groupPath(data, path) };
}

function groupPath({ groupBy }: Experiment['data'], path: (absolute: string) => string): object {
  if (groupBy?.by !== 'table') return {};
  const { file, name, group } = groupBy;
  return { groupBy: { table: { file: path(file), name, group } } };
}

/** A run by its full id and with the name of its model, whatever `latest` means tomorrow. */
function resolvedModel(model: ConfigValue['models'][string], experiment: Experiment, name: string): object {
  const settings = experiment.models[name];
  return settings?.source === 'run' ? { ...model, run: settings.run, model: settings.model } : model;
}

/** Above what a scheme expands to. */
const EXPANSION =
  '# The scheme expands to these phases. To change them, remove `distill.scheme` and the "# " before each line:';

function phasesComment({ phases }: Experiment): string {
  const lines = stringify(
    { phases: writtenPhases(phases) },
    { flowCollectionPadding: true, lineWidth: 120, aliasDuplicateObjects: false },
  )
    .trimEnd()
    .split('\n');
  return [EXPANSION, ...lines.map((line) => `# ${line}`), ''].join('\n');
}
