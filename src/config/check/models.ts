import { buildArchitecture } from '../../models/zoo/zoo.ts';
import { describe } from '../../models/describe.ts';
import type { ModelDescription, ModelGraph, Shape } from '../../models/description.ts';
import { UserError, type Problem } from '../../protocol/errors.ts';
import type { Code } from '../codes.ts';
import { CODES } from '../codes.ts';
import { chosen, type Loose, type LooseConfig } from '../loose.ts';
import { nodeAt, type ConfigNode, type Path } from '../syntax/node.ts';
import type { DataFacts } from './data.ts';
import { findEarlierModel, type EarlierModel } from './earlier-run.ts';
import type { CheckContext } from './context.ts';

/** A model of the config as far as it can be known. */
export interface ResolvedModel {
  readonly name: string;
  readonly graph: ModelGraph;
  readonly description: ModelDescription;
  /** False: built for an assumed image size and class count, so only names and ranks of layers can be relied on. */
  readonly exact: boolean;
  /** Where its weights come from, if not from training in this run. */
  readonly earlier: EarlierModel | null;
}

/** What layers are checked against while the data is unknown; the names do not depend on it. */
const ASSUMED = { shape: [32, 32, 3], classes: 10 } as const;

interface Architecture {
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Builds every model that the config describes well enough; what keeps one from being built goes to the report. */
export function resolveModels(
  value: LooseConfig,
  data: DataFacts | null,
  context: CheckContext,
): ReadonlyMap<string, ResolvedModel> {
  const models = new Map<string, ResolvedModel>();
  for (const [name, settings] of Object.entries(value.models ?? {})) {
    const model = resolveModel(name, settings, data, context);
    if (model !== null) models.set(name, model);
  }
  return models;
}

function resolveModel(
  name: string,
  settings: Loose<NonNullable<LooseConfig['models']>[string]> | undefined,
  data: DataFacts | null,
  context: CheckContext,
): ResolvedModel | null {
  if (settings === undefined) return null;
  const path: Path = ['models', name, settings.run === undefined ? 'architecture' : 'run'];
  const earlier =
    settings.run === undefined ? null : findEarlierModel(settings.run, settings.model ?? name, path, context);
  const word = chosen(settings.architecture);
  const architecture: Architecture | null =
    earlier?.architecture ?? (word === null ? null : { name: word.word, settings: word.settings });
  if (architecture === null) return null;
  const built = build(architecture, data);
  if ('problem' in built) {
    const node = nodeAt(context.tree, path);
    if (node !== undefined && data !== null) reportProblem(built.problem, node, context);
    return null;
  }
  return { name, ...built, exact: data !== null, earlier };
}

type Built =
  { readonly graph: ModelGraph; readonly description: ModelDescription } | { readonly problem: Problem };

const remembered = new Map<string, Built>();
const MOST_REMEMBERED = 32;

/** At every keystroke the same few models are asked for, so the last ones are kept. */
function build(architecture: Architecture, data: DataFacts | null): Built {
  const { shape, classes }: { shape: Shape; classes: number } = data ?? ASSUMED;
  const key = JSON.stringify([architecture, shape, classes]);
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const built = buildNew(architecture, shape, classes);
  const oldest = remembered.keys().next();
  if (remembered.size >= MOST_REMEMBERED && oldest.done !== true) remembered.delete(oldest.value);
  remembered.set(key, built);
  return built;
}

function buildNew({ name, settings }: Architecture, shape: Shape, classes: number): Built {
  try {
    const graph = buildArchitecture(name, shape, classes, settings);
    return { graph, description: describe(graph) };
  } catch (error) {
    if (error instanceof UserError) return { problem: error.problem };
    throw error;
  }
}

/** A problem that another part found, at the node it is about. */
export function reportProblem(problem: Problem, node: ConfigNode, { report }: CheckContext): void {
  const code = Object.hasOwn(CODES, problem.code) ? (problem.code as Code) : 'KD2003';
  report.add(code, node.place, { message: problem.message, help: problem.help });
}
