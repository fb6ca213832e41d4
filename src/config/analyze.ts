import { basename } from 'node:path';
import { buildExperiment } from './build.ts';
import { checkBook, checkStoredBooks, type BookForecast } from './check/book.ts';
import { checkClasses } from './check/classes.ts';
import type { CheckContext } from './check/context.ts';
import { checkGrafts } from './check/grafts.ts';
import { inspect, resolveDataPlaces, type DataFacts, type DataPlaces } from './check/data.ts';
import { checkRoles, checkTerms } from './check/distill.ts';
import { checkEarlierModels } from './check/earlier-models.ts';
import { checkEnsembles, checkWords } from './check/ensembles.ts';
import { checkHabits } from './check/habits.ts';
import { resolveModels, type ResolvedModel } from './check/models.ts';
import { checkPairs } from './check/pairs.ts';
import { checkPhases } from './check/phases.ts';
import { checkPruned } from './check/pruned.ts';
import { checkRecords } from './check/records.ts';
import { checkResources } from './check/resources.ts';
import { checkScheme } from './check/scheme.ts';
import { checkSpeakers } from './check/speakers.ts';
import { checkUnused } from './check/unused-models.ts';
import { checkTraining } from './check/training.ts';
import { checkTask, checkTaskOfPhases } from './check/task.ts';
import { checkSearches, checkSearchTurns } from './check/searches.ts';
import { checkTurns } from './check/turns.ts';
import { checkDefinitions } from './check/unused.ts';
import { Validator } from './check/validate.ts';
import { mergeBases } from './compose/extends.ts';
import { applyOverrides } from './compose/overrides.ts';
import { createDisk } from './disk.ts';
import type { FileAccess } from './files.ts';
import type { Experiment } from './experiment.ts';
import type { ConfigValue, LooseConfig } from './loose.ts';
import { thisMachine, type Machine } from './machine.ts';
import { Report } from './report.ts';
import { mergedBooks } from './roles.ts';
import { findRoot } from './root.ts';
import { experimentField } from './schema/experiment.ts';
import { LARGEST_FILE_BYTES } from './syntax/limits.ts';
import { entryOf, type ConfigNode } from './syntax/node.ts';
import { parseConfig } from './syntax/parse.ts';
import { Source } from './syntax/source.ts';

export interface ConfigInput {
  /** Absolute path of the config. */
  readonly file: string;
  /** Its content where that is not what the disk holds. */
  readonly text?: string;
  /** Folder that nothing may leave; absent: `findRoot`. */
  readonly root?: string;
  readonly workspaceFolders?: readonly string[];
  /** `path=value`, as `--set` takes them. */
  readonly overrides?: readonly string[];
  /** In place of `compare.seeds`. */
  readonly seeds?: readonly number[];
  /** Absent: the disk. */
  readonly files?: FileAccess;
  /** What the experiment must fit into; absent: this machine. */
  readonly machine?: Machine;
}

/** All that can be known of a config without training anything. */
export interface Analysis {
  readonly source: Source;
  readonly report: Report;
  readonly root: string;
  /** What was looked at through. */
  readonly files: FileAccess;
  /** Paths of the files it extends, the nearest first. */
  readonly bases: readonly string[];
  /** What the file says, with its bases and overrides; null where nothing could be read. */
  readonly tree: ConfigNode | null;
  /** A base for others: it may lack keys and is never run. */
  readonly partial: boolean;
  /** Normalised, with holes where there are faults. */
  readonly value: LooseConfig;
  readonly places: DataPlaces | null;
  readonly data: DataFacts | null;
  readonly models: ReadonlyMap<string, ResolvedModel>;
  /** What the books of an experiment without errors will take. */
  readonly books: readonly BookForecast[];
}

const disk = createDisk();

/** Reads, merges and checks a config. Never throws for anything that a file may hold. */
export function analyze(input: ConfigInput): Analysis {
  const files = input.files ?? disk;
  const { file } = input;
  const root = input.root ?? findRoot(file, input.workspaceFolders, files);
  const report = new Report(file);
  const source = new Source(file, input.text ?? files.readText(file, LARGEST_FILE_BYTES) ?? '');
  const nothing: Analysis = {
    source,
    report,
    root,
    files,
    bases: [],
    tree: null,
    partial: false,
    value: {},
    places: null,
    data: null,
    models: new Map(),
    books: [],
  };
  if (input.text === undefined && !isReadable(file, files, source, report)) return nothing;
  const merged = mergeBases(parseConfig(source, report), source, { files, root, report });
  const { bases } = merged;
  if (merged.root === null) return { ...nothing, bases };
  const overridden = applyOverrides(merged.root, overridesOf(input), source, report);
  const tree = overridden;
  if (tree.kind !== 'map') {
    reportNoExperiment(tree, merged.complete, source, report);
    return { ...nothing, bases };
  }
  const partial = isTrue(entryOf(tree, 'partial')?.value);
  const complete = merged.complete && !partial;
  const context: CheckContext = { tree, report, files, file, root, complete };
  // The validator builds what the schema describes, so its result is of the schema's type.
  const value = (new Validator(report, complete).validate(experimentField, tree) ?? {}) as LooseConfig;
  const places = resolveDataPlaces(value, context);
  const data = places === null ? null : inspect(places, value, context);
  const models = resolveModels(value, data, context);
  checkEarlierModels(models, data, context);
  checkRoles(value, models, context);
  checkScheme(value, context);
  checkTerms(value, context);
  checkSearches(value, data, context);
  checkPairs(value, models, context);
  checkRecords(value, models, data, context);
  checkHabits(value, data, models, context);
  checkPhases(value, context);
  checkTraining(value, data, context);
  checkTask(value, context);
  checkBook(value, data, context);
  if (!partial) checkUnused(value, context);
  checkDefinitions(value, context);
  // Without an error nothing was left out, so the value is whole.
  if (!report.failed && complete) {
    const whole = value as ConfigValue;
    checkSpeakers(whole, models, context);
    checkClasses(whole, models, context);
    checkPruned(whole, models, context);
    checkEnsembles(whole, models, context);
    checkWords(whole, models, context);
    checkTaskOfPhases(whole, context);
    checkTurns(whole, context);
    checkSearchTurns(whole, context);
    checkGrafts(whole, models, context);
    checkResources(whole, models, data, input.machine ?? thisMachine(files), context);
  }
  const found = { source, report, root, files, bases, tree, partial, value, places, data, models };
  return { ...found, books: partial ? [] : forecastBooks(input, found, context) };
}

/** The experiment of a config; null where there are errors, or nothing is known of its data. */
export function experimentOf(
  { file }: ConfigInput,
  {
    report,
    value,
    places,
    data,
    models,
    root,
  }: Pick<Analysis, 'report' | 'value' | 'places' | 'data' | 'models' | 'root'>,
): { readonly whole: ConfigValue; readonly experiment: Experiment } | null {
  if (report.failed || places === null || data === null) return null;
  // Without an error nothing was left out, so nothing is missing.
  const whole = value as ConfigValue;
  const experiment = buildExperiment({
    file,
    root,
    value: whole,
    places,
    models,
    defaultName: nameOfFile(file),
  });
  return { whole, experiment };
}

/** Only what stores answers is worth building while somebody types. */
function forecastBooks(
  input: ConfigInput,
  found: Pick<Analysis, 'report' | 'value' | 'places' | 'models' | 'root' | 'data'>,
  context: CheckContext,
): readonly BookForecast[] {
  const { book } = found.value.distill ?? {};
  if (book === false || (book === undefined && mergedBooks(found.value).length === 0)) return [];
  const built = context.complete ? experimentOf(input, found) : null;
  return built === null ? [] : checkStoredBooks(built.experiment, found.data, context);
}

/** The name of an experiment whose file gives none. */
function nameOfFile(file: string): string {
  return basename(file).replace(/\.kd\.yaml$|\.ya?ml$/, '');
}

function overridesOf({ overrides = [], seeds }: ConfigInput): readonly string[] {
  return seeds === undefined ? overrides : [...overrides, `compare.seeds=[${seeds.join(', ')}]`];
}

function isReadable(file: string, files: FileAccess, source: Source, report: Report): boolean {
  const status = files.status(file);
  const place = { source, start: 0, end: 0 };
  if (status?.kind === 'file' && status.size > LARGEST_FILE_BYTES) {
    const megabytes = (status.size / 1e6).toFixed(1);
    report.add('KD1011', place, {
      message: `the file has ${megabytes} MB; at most 1 MB is read`,
      help: 'Leave data out of the config, or split it into base files.',
    });
    return false;
  }
  if (status?.kind === 'file' && files.readText(file, LARGEST_FILE_BYTES) !== null) return true;
  report.add('KD1017', place, {
    message: status === null ? `${file} does not exist` : `${file} cannot be read`,
    help: 'Name a config file, for instance one that `kd new` writes.',
  });
  return false;
}

function reportNoExperiment(tree: ConfigNode, complete: boolean, source: Source, report: Report): void {
  if (!complete) return;
  const empty = tree.kind === 'scalar' && tree.value === null;
  const message = empty
    ? 'the file is empty'
    : `the file holds a ${tree.kind === 'list' ? 'list' : 'plain value'}, not a map of keys`;
  report.add('KD1016', empty ? { source, start: 0, end: 0 } : tree.place, {
    message,
    help: 'Begin with the keys data, models, distill and train; `kd new` writes a sample.',
  });
}

function isTrue(node: ConfigNode | undefined): boolean {
  return node?.kind === 'scalar' && node.value === true;
}
