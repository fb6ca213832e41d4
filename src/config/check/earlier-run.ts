import { join } from 'node:path';
import type { ModuleSettings } from '../../models/modules/index.ts';
import { closestNames } from '../../schema/suggest.ts';
import { replaceFix, Report } from '../report.ts';
import { isRecord } from '../loose.ts';
import { LARGEST_FILE_BYTES } from '../syntax/limits.ts';
import { entryOf, nodeAt, type ConfigNode, type Path } from '../syntax/node.ts';
import { parseConfig } from '../syntax/parse.ts';
import { Source } from '../syntax/source.ts';
import type { CheckContext } from './context.ts';
import { isUnanswered } from './unanswered.ts';

/** A model as a config describes it. */
export interface WrittenModel {
  /** Of its architecture. */
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly modules: readonly ModuleSettings[];
  /** Left out: all of the data. */
  readonly classes?: readonly (string | number | undefined)[];
}

/** A finished model of an earlier run. */
export interface EarlierModel {
  readonly run: string;
  /** Its name in that run. */
  readonly model: string;
  readonly written: WrittenModel;
  /** As recorded there; null where the record does not say. */
  readonly parameters: number | null;
  readonly classes: number | null;
  readonly shape: readonly number[] | null;
  /** Best accuracy on validation, 0..1. */
  readonly accuracy: number | null;
  /** The other finished phases of that run. */
  readonly others: readonly {
    readonly phase: string;
    readonly parameters: number;
    readonly accuracy: number;
  }[];
}

const RECORD = 'run.json';
const CONFIG = 'config.yaml';
const MOST_RUNS = 5000;
const LARGEST_RECORD = 4_000_000;

/** The model that `run` and `model` name; null, with a diagnostic, where the run or a finished model in it is missing. */
export function findEarlierModel(
  reference: string,
  model: string,
  path: Path,
  context: CheckContext,
): EarlierModel | null {
  const node = nodeAt(context.tree, path);
  if (node === undefined) return null;
  const runs = join(context.root, '.kd', 'runs');
  const ids = listRuns(runs, context);
  const matches = ids.includes(reference) ? [reference] : ids.filter((id) => id.startsWith(reference));
  const id = reference === 'latest' ? newest(ids, runs, context) : matches[0];
  const records = reference === 'latest' ? ids.map((one) => join(runs, one, RECORD)) : [];
  if ([runs, ...records].some((path) => isUnanswered(path, 'the folder of runs', node.place, context)))
    return null;
  if (id === undefined || (reference !== 'latest' && matches.length > 1)) {
    reportNoRun(reference, ids, matches, node, context);
    return null;
  }
  const record = readRecord(join(runs, id), context);
  const results =
    isRecord(record?.['results']) && Array.isArray(record['results']['phases'])
      ? record['results']['phases']
      : [];
  const finished: readonly Readonly<Record<string, unknown>>[] = results.filter(isRecord);
  const found = finished.find((phase) => phase['model'] === model && phase['phase'] !== 'baseline');
  const written = readModel(join(runs, id), model, context);
  const asked = [RECORD, CONFIG].map((name) => join(runs, id, name));
  if (asked.some((path) => isUnanswered(path, `run "${id}"`, node.place, context))) return null;
  if (found === undefined || written === null) {
    const names = [...new Set(finished.map((phase) => String(phase['model'])))];
    context.report.add('KD2214', node.place, {
      message: `run "${id}" has no finished model "${model}"`,
      help:
        names.length === 0
          ? 'It has no results yet; let it finish first.'
          : `Its models: ${names.join(', ')}. Name one with \`model:\`.`,
    });
    return null;
  }
  const data = isRecord(record?.['data']) ? record['data'] : {};
  return {
    run: id,
    model,
    written,
    parameters: numberOrNull(found['parameters']),
    classes: numberOrNull(data['classes']),
    shape: Array.isArray(data['shape']) ? data['shape'].filter((size) => typeof size === 'number') : null,
    accuracy: accuracyOf(found),
    others: finished.flatMap((phase) => {
      const [parameters, accuracy] = [numberOrNull(phase['parameters']), accuracyOf(phase)];
      if (phase === found || parameters === null || accuracy === null) return [];
      return [{ phase: textOr(phase['phase'], ''), parameters, accuracy }];
    }),
  };
}

function accuracyOf(phase: Readonly<Record<string, unknown>>): number | null {
  return isRecord(phase['validation']) ? numberOrNull(phase['validation']['accuracy']) : null;
}

function listRuns(runs: string, { files }: CheckContext): string[] {
  return files.list(runs, MOST_RUNS).flatMap((name) => (name.endsWith('/') ? [name.slice(0, -1)] : []));
}

function newest(ids: readonly string[], runs: string, context: CheckContext): string | undefined {
  const dated = ids.map((id) => ({
    id,
    created: textOr(readRecord(join(runs, id), context)?.['createdAt'], ''),
  }));
  return dated
    .filter((run) => run.created !== '')
    .sort((a, b) => a.created.localeCompare(b.created) || a.id.localeCompare(b.id, 'en', { numeric: true }))
    .at(-1)?.id;
}

function readRecord(folder: string, { files }: CheckContext): Readonly<Record<string, unknown>> | null {
  const text = files.readText(join(folder, RECORD), LARGEST_RECORD);
  if (text === null) return null;
  try {
    const record: unknown = JSON.parse(text);
    return isRecord(record) ? record : null;
  } catch {
    // A record that is being written or damaged says nothing; the run's own commands report it.
    return null;
  }
}

function readModel(folder: string, model: string, { files }: CheckContext): WrittenModel | null {
  const file = join(folder, CONFIG);
  const text = files.readText(file, LARGEST_FILE_BYTES);
  if (text === null) return null;
  const { root } = parseConfig(new Source(file, text), new Report(file));
  if (root === null) return null;
  const architecture = readWord(nodeAt(root, ['models', model, 'architecture']));
  if (architecture === null) return null;
  const modules = nodeAt(root, ['models', model, 'modules']);
  const items = modules?.kind === 'list' ? modules.items : [];
  const classes = nodeAt(root, ['models', model, 'classes']);
  const named = classes?.kind === 'list' ? classes.items.map(plainValue) : null;
  return {
    ...architecture,
    modules: items.flatMap((item) => readWord(item) ?? []),
    ...(named === null
      ? {}
      : { classes: named.filter((one) => typeof one === 'string' || typeof one === 'number') }),
  };
}

/** A word, or a word with its settings. */
function readWord(node: ConfigNode | undefined): Pick<WrittenModel, 'name' | 'settings'> | null {
  if (node?.kind === 'scalar' && typeof node.value === 'string') return { name: node.value, settings: {} };
  const entry = node?.kind === 'map' ? node.entries[0] : undefined;
  if (entry === undefined) return null;
  const settings = entry.value.kind === 'map' ? entry.value.entries : [];
  return {
    name: entry.key,
    settings: Object.fromEntries(settings.map(({ key, value }) => [key, plainValue(value)])),
  };
}

function plainValue(node: ConfigNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plainValue);
  return Object.fromEntries(
    node.entries.map((entry) => [entry.key, plainValue(entryOf(node, entry.key)?.value ?? entry.value)]),
  );
}

function reportNoRun(
  reference: string,
  ids: readonly string[],
  matches: readonly string[],
  node: ConfigNode,
  { report }: CheckContext,
): void {
  const [close] = closestNames(reference, ids, 1);
  const several = matches.length > 1;
  report.add('KD2214', node.place, {
    message: several
      ? `"${reference}" may mean ${matches.length} runs: ${matches.slice(0, 5).join(', ')}`
      : `there is no run "${reference}"${close === undefined ? '' : `; did you mean "${close}"?`}`,
    help: several
      ? 'Give more of the id.'
      : ids.length === 0
        ? 'No run lies under .kd/runs yet.'
        : `Among the runs: ${ids.slice(-5).join(', ')}.`,
    fixes: several || close === undefined ? [] : [replaceFix(`Change to "${close}"`, node.place, close)],
  });
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}
