import type { DegradationSettings } from '../../data/degradation.ts';
import { buildArchitecture } from '../../models/zoo/zoo.ts';
import { describe } from '../../models/describe.ts';
import { findModule, withModule, type ModuleSettings } from '../../models/modules/index.ts';
import { findLayer } from '../../models/names.ts';
import type { ModelDescription, ModelGraph, Shape } from '../../models/description.ts';
import { UserError, type Problem } from '../../protocol/errors.ts';
import type { Code } from '../codes.ts';
import { CODES } from '../codes.ts';
import { chosen, type Loose, type LooseConfig } from '../loose.ts';
import { degradationOf } from '../task.ts';
import { keyPlace, nodeAt, type ConfigNode, type Path } from '../syntax/node.ts';
import { checkClassNames, labelsOfClasses, type WrittenClass } from './classes.ts';
import type { DataFacts } from './data.ts';
import { findEarlierModel, type EarlierModel, type WrittenModel } from './earlier-run.ts';
import type { CheckContext } from './context.ts';

/** A model of the config as far as it can be known. */
export interface ResolvedModel {
  readonly name: string;
  readonly graph: ModelGraph;
  readonly description: ModelDescription;
  /** False: built for an assumed image size and class count, so only names and ranks of layers can be relied on. */
  readonly exact: boolean;
  /** Labels of the data that it tells apart, in the order of its logits; null: all of them. */
  readonly classes: readonly number[] | null;
  /** Where its weights come from, if not from training in this run. */
  readonly earlier: EarlierModel | null;
}

/** What layers are checked against while the data is unknown; the names do not depend on it. */
const ASSUMED = { shape: [32, 32, 3], classes: 10 } as const;

/** Builds every model that the config describes well enough; what keeps one from being built goes to the report. */
export function resolveModels(
  value: LooseConfig,
  data: DataFacts | null,
  context: CheckContext,
): ReadonlyMap<string, ResolvedModel> {
  const models = new Map<string, ResolvedModel>();
  const degradation = degradationOf(value);
  for (const [name, settings] of Object.entries(value.models ?? {})) {
    const model = resolveModel(name, settings, { data, degradation }, context);
    if (model !== null) models.set(name, model);
  }
  return models;
}

/** What models are built for. */
interface BuiltFor {
  readonly data: DataFacts | null;
  /** Null: they tell classes apart. */
  readonly degradation: DegradationSettings | null;
}

function resolveModel(
  name: string,
  settings: Loose<NonNullable<LooseConfig['models']>[string]> | undefined,
  { data, degradation }: BuiltFor,
  context: CheckContext,
): ResolvedModel | null {
  if (settings === undefined) return null;
  const path: Path = ['models', name, settings.run === undefined ? 'architecture' : 'run'];
  const earlier =
    settings.run === undefined ? null : findEarlierModel(settings.run, settings.model ?? name, path, context);
  const word = chosen(settings.architecture);
  const written: WrittenModel | null =
    earlier?.written ??
    (word === null
      ? null
      : {
          name: word.word,
          settings: word.settings,
          modules: modulesOf(settings.modules),
          ...(settings.classes === undefined ? {} : { classes: settings.classes }),
        });
  if (written === null) return null;
  checkOwnClasses(name, settings.classes, earlier, data, context);
  const classes = written.classes === undefined ? null : labelsOfClasses(written.classes, data);
  const own = classes?.length ?? written.classes?.length ?? null;
  const built = build(written, { data, degradation }, classes, own);
  if (built.fault !== null && data !== null) {
    const { problem, module } = built.fault;
    const at = module === null ? undefined : moduleNode(name, module, context.tree);
    const node = at ?? nodeAt(context.tree, path);
    if (node !== undefined) reportProblem(problem, node, context);
  }
  return built.model === null ? null : { name, ...built.model, exact: data !== null, classes, earlier };
}

function checkOwnClasses(
  name: string,
  classes: readonly (WrittenClass | undefined)[] | undefined,
  earlier: EarlierModel | null,
  data: DataFacts | null,
  context: CheckContext,
): void {
  if (classes === undefined) return;
  if (earlier !== null)
    context.report.add('KD2115', keyPlace(context.tree, ['models', name, 'classes']), {
      message: `${name} comes from the run ${earlier.run} and knows the classes that it learned there`,
      help: 'Leave `classes` out.',
    });
  else if (data !== null) checkClassNames(name, classes, data, context);
}

interface Built {
  /** Without modules that do not fit, so that the rest of the config is checked and completed all the same. */
  readonly model: { readonly graph: ModelGraph; readonly description: ModelDescription } | null;
  readonly fault: { readonly problem: Problem; readonly module: BadModule | null } | null;
}

interface BadModule extends ModuleSettings {
  readonly index: number;
  /** A name among its layers that the model does not have. */
  readonly layer: number | null;
}

const remembered = new Map<string, Built>();
const MOST_REMEMBERED = 32;

/**
 * At every keystroke the same few models are asked for, so the last ones are kept.
 * @param labels of the classes that it tells apart; null: all, or not known
 * @param own how many these are; null: those of the data
 */
function build(
  architecture: WrittenModel,
  { data, degradation }: BuiltFor,
  labels: readonly number[] | null,
  own: number | null,
): Built {
  const { shape, classes: all }: { shape: Shape; classes: number } = data ?? ASSUMED;
  const classes = own ?? all;
  const known = Array.from({ length: classes }, (_, k) => labels?.[k] ?? k);
  // Models that spell their classes depend on the names.
  const classNames = known.map((label) => data?.classNames[label] ?? String(label));
  const key = JSON.stringify([architecture, shape, classNames, degradation]);
  const before = remembered.get(key);
  if (before !== undefined) return before;
  const built = buildNew(architecture, shape, classNames, degradation);
  const oldest = remembered.keys().next();
  if (remembered.size >= MOST_REMEMBERED && oldest.done !== true) remembered.delete(oldest.value);
  remembered.set(key, built);
  return built;
}

function buildNew(
  { name, settings, modules }: WrittenModel,
  shape: Shape,
  classNames: readonly string[],
  degradation: DegradationSettings | null,
): Built {
  let graph: ModelGraph;
  let description: ModelDescription;
  try {
    graph = buildArchitecture(name, shape, classNames.length, settings, degradation);
    description = describe(graph);
  } catch (error) {
    return { model: null, fault: { problem: problemOf(error), module: null } };
  }
  for (const [index, one] of modules.entries()) {
    try {
      const changed = withModule(graph, one, { classNames });
      description = describe(changed);
      graph = changed;
    } catch (error) {
      const module = { ...one, index, layer: unknownLayer(graph, one) };
      return { model: { graph, description }, fault: { problem: problemOf(error), module } };
    }
  }
  return { model: { graph, description }, fault: null };
}

function problemOf(error: unknown): Problem {
  if (error instanceof UserError) return error.problem;
  throw error;
}

function unknownLayer(graph: ModelGraph, { settings }: ModuleSettings): number | null {
  const at = Array.isArray(settings['at']) ? settings['at'] : [];
  const index = at.findIndex((layer) => findLayer(graph, String(layer)) === null);
  return index === -1 ? null : index;
}

/** Where a module that does not fit is written: the layer that is not there, else its settings, else its word. */
function moduleNode(
  model: string,
  { name, index, layer }: BadModule,
  tree: ConfigNode,
): ConfigNode | undefined {
  const path: Path = ['models', model, 'modules', index];
  const settings: Path = [...path, name];
  return (
    (layer === null ? undefined : nodeAt(tree, [...settings, 'at', layer])) ??
    nodeAt(tree, settings) ??
    nodeAt(tree, path)
  );
}

/** The modules that are whole; what is faulty has been reported. */
function modulesOf(written: readonly (object | undefined)[] = []): readonly ModuleSettings[] {
  return written.flatMap((one) => {
    const module = chosen(one);
    if (module === null) return [];
    const { word: name, settings } = module;
    const whole = Object.entries(findModule(name)?.parameters.fields ?? {}).every(([key, field]) => {
      const setting = settings[key];
      if (Array.isArray(setting)) return !setting.includes(undefined);
      return setting !== undefined || field.optional === true || field.default !== undefined;
    });
    return whole ? [{ name, settings }] : [];
  });
}

/** A problem that another part found, at the node it is about. */
export function reportProblem(problem: Problem, node: ConfigNode, { report }: CheckContext): void {
  const code = Object.hasOwn(CODES, problem.code) ? (problem.code as Code) : 'KD2003';
  report.add(code, node.place, { message: problem.message, help: problem.help });
}
