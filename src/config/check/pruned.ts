import { findMethod } from '../../methods/index.ts';
import type { ModelGraph } from '../../models/description.ts';
import { findLayer } from '../../models/names.ts';
import { modelOf } from '../../schemes/lessons.ts';
import type { Phase } from '../../schemes/phase.ts';
import type { TermSettings } from '../../schemes/terms.ts';
import type { ConfigValue } from '../loose.ts';
import { phasesOf } from '../phases/phases.ts';
import { termSettings } from '../settings.ts';
import { keyPlace, nodeAt, type Path } from '../syntax/node.ts';
import type { CheckContext } from './context.ts';
import type { ResolvedModel } from './models.ts';

type Models = ReadonlyMap<string, ResolvedModel>;

/**
 * A model that loses neurons learns alone, from samples, and nothing that has a size of its own reads the layer that becomes narrower.
 *
 * @param value of a config without faults
 */
export function checkPruned(value: ConfigValue, models: Models, context: CheckContext): void {
  const pruned = [...models.values()].filter(({ graph }) => (graph.pruning ?? []).length > 0);
  if (pruned.length === 0) return;
  const phases = phasesOf(value);
  const terms = termSettings(value.distill.match, new Map());
  for (const { name, graph } of pruned) {
    const fault = phases
      .map((phase) => faultOf(name, phase) ?? bookFault(name, phase, phases, value))
      .find((one) => one !== null);
    if (fault === undefined) checkTerms(name, graph, phases, terms, models, context);
    else
      context.report.add('KD2116', keyPlace(context.tree, ['models', name, 'modules']), {
        message: fault,
        help: 'Let it learn alone in its phase, from the training split; or leave the module `prune` out.',
      });
  }
}

function faultOf(model: string, phase: Phase): string | null {
  const { train, source, generator, name } = phase;
  const tails = train.some(({ branches }) => branches?.kind === 'tails' && branches.of === model);
  if (tails)
    return `layers of ${model} are the branches of another model in the phase ${name}, and would lose neurons`;
  if (!train.some((learner) => learner.model === model) || phase.loss === 'ahead') return null;
  const where = `${model} loses neurons in the phase ${name}, but`;
  if (train.length > 1) return `${where} others learn beside it`;
  if (train[0]?.branches !== undefined) return `${where} it has branches there`;
  if (source?.kind === 'copies') return `${where} earlier states of itself teach it, which have all of them`;
  if (generator !== undefined)
    return `${where} there is no training split by which they would be found silent`;
  return null;
}

function bookFault(
  model: string,
  { freeze, name }: Phase,
  phases: readonly Phase[],
  { distill: { book } }: ConfigValue,
): string | null {
  const speaks = freeze.some((instance) => modelOf(phases, instance) === model);
  return speaks && book !== undefined && book !== false
    ? `${model} speaks in the phase ${name} from a book, which knows nothing of the neurons that it lost`
    : null;
}

/** Terms that look at what becomes narrower need a method that any width suits. */
function checkTerms(
  model: string,
  graph: ModelGraph,
  phases: readonly Phase[],
  terms: readonly TermSettings[],
  models: Models,
  context: CheckContext,
): void {
  if (!phases.some(({ train, loss }) => loss !== 'task' && train[0]?.model === model)) return;
  const narrow = narrowLayers(graph);
  terms.forEach(({ method: name, pairs }, at) => {
    const method = findMethod(name);
    pairs.forEach((pair, index) => {
      const student = findLayer(graph, pair.student)?.path ?? '';
      if (method === undefined || !narrow.has(student)) return;
      const shapeOf = (of: ResolvedModel | undefined, layer: string) => {
        const path = of === undefined ? undefined : findLayer(of.graph, layer)?.path;
        return of?.description.layers.find((one) => one.path === path)?.shape ?? [];
      };
      const [width = 2] = shapeOf(models.get(model), pair.student);
      const others = [...models.values()]
        .map((one) => shapeOf(one, pair.teacher))
        .filter(({ length }) => length > 0);
      const fits = others.every(
        (teacher) => (method.checkPair?.({ teacher, student: [width - 1] }) ?? null) === null,
      );
      if (fits && method.variables === undefined && method.opponent === undefined) return;
      const path: Path = ['distill', 'match', at, name, 'pairs', index];
      context.report.add('KD2116', nodeAt(context.tree, path)?.place ?? keyPlace(context.tree, ['distill']), {
        message: `${name} needs "${pair.student}" of ${model} as wide as it begins, and it loses neurons`,
        help: 'Match another layer; or use a method that any width suits, such as rkd or sp.',
      });
    });
  });
}

/** Layers whose outputs have as many numbers as the pruned ones have neurons. */
function narrowLayers({ layers, pruning = [] }: ModelGraph): ReadonlySet<string> {
  const narrow = new Set(pruning.map(({ layer }) => layer));
  for (const { path, operation, inputs } of layers) {
    if (operation.kind !== 'dense' && inputs.some((input) => narrow.has(input))) narrow.add(path);
  }
  return narrow;
}
