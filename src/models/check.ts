import type { Problem } from '../protocol/errors.ts';
import { didYouMean } from '../schema/suggest.ts';
import { checkOperation } from './check-operation.ts';
import type { Layer, ModelGraph, Shape } from './description.ts';
import { modelProblem } from './problems.ts';
import { inferShape, inputCounts, shapeText, sizeOf } from './shapes.ts';

const MOST_LAYERS = 20_000;
/** Elements of one sample's output of one layer; more cannot be held for a batch. */
const LARGEST_OUTPUT = 2 ** 31;
const PATH = /^[A-Za-z][\w-]*(\.[A-Za-z0-9][\w-]*)*$/;

/**
 * Everything that keeps a model from being built, each naming the layer: paths, settings, inputs, cycles, shapes, outputs.
 * Empty for a good model. Later kinds are looked for only where the earlier ones found nothing.
 */
export function checkGraph(graph: ModelGraph): Problem[] {
  for (const look of [checkLayers, checkOrder, checkShapes]) {
    const problems = look(graph);
    if (problems.length > 0) return problems;
  }
  return checkNames(graph);
}

function checkLayers(graph: ModelGraph): Problem[] {
  if (graph.layers.length === 0) {
    return [modelProblem('output', 'the model has no layers', 'Give it at least an input and a classifier.')];
  }
  if (graph.layers.length > MOST_LAYERS) {
    return [
      modelProblem('tooLarge', `the model has ${graph.layers.length} layers`, `Use at most ${MOST_LAYERS}.`),
    ];
  }
  const problems: Problem[] = [];
  const paths = new Set<string>();
  for (const layer of graph.layers) {
    if (!PATH.test(layer.path)) {
      const help = 'Use letters, digits, "_" and "-", with dots between the parts: stage1.block0.conv1.';
      problems.push(modelProblem('setting', `layer "${layer.path}" has no usable name`, help));
    }
    if (paths.has(layer.path)) {
      const help = 'Give each layer a path of its own.';
      problems.push(modelProblem('duplicatePath', `two layers are called "${layer.path}"`, help));
    }
    paths.add(layer.path);
    problems.push(...checkOperation(layer));
  }
  for (const layer of graph.layers) problems.push(...checkInputs(layer, paths));
  if (!graph.layers.some((layer) => layer.path === graph.input && layer.operation.kind === 'input')) {
    problems.push(
      modelProblem('output', `the model's input "${graph.input}" is no input layer`, 'Name its input layer.'),
    );
  }
  if (graph.layers.filter((layer) => layer.operation.kind === 'input').length > 1) {
    problems.push(modelProblem('output', 'the model has more than one input', 'Leave one input layer.'));
  }
  return problems;
}

function checkInputs(layer: Layer, paths: ReadonlySet<string>): Problem[] {
  const [least, most] = inputCounts(layer.operation.kind);
  if (layer.inputs.length < least || layer.inputs.length > most) {
    const wanted = least === most ? `${least}` : `at least ${least}`;
    const message = `layer "${layer.path}" (${layer.operation.kind}) reads ${layer.inputs.length} layers, but needs ${wanted}`;
    return [modelProblem('inputCount', message, 'Name as many inputs as the layer needs.')];
  }
  return layer.inputs
    .filter((input) => !paths.has(input))
    .map((input) =>
      modelProblem(
        'unknownInput',
        `layer "${layer.path}" reads "${input}", which does not exist${didYouMean(input, paths)}`,
        'Name a layer of this model.',
      ),
    );
}

function checkOrder(graph: ModelGraph): Problem[] {
  const seen = new Set<string>();
  const waiting = graph.layers.find((layer) => {
    seen.add(layer.path);
    return layer.inputs.some((input) => !seen.has(input) || input === layer.path);
  });
  if (waiting === undefined) return [];
  const cycle = findCycle(graph);
  return cycle === null
    ? [
        modelProblem(
          'order',
          `layer "${waiting.path}" comes before a layer that it reads`,
          'List each layer after those it reads.',
        ),
      ]
    : [
        modelProblem(
          'order',
          `the layers form a circle: ${cycle.join(' -> ')}`,
          'Remove one of these links.',
        ),
      ];
}

/** One circle of layers, or null. Without recursion: the depth of a model has no bound that a stack would know. */
function findCycle(graph: ModelGraph): string[] | null {
  const inputs = new Map(graph.layers.map((layer) => [layer.path, layer.inputs]));
  const finished = new Set<string>();
  for (const { path: start } of graph.layers) {
    const trail: { path: string; next: number }[] = [{ path: start, next: 0 }];
    const onTrail = new Set([start]);
    for (let top = trail.at(-1); top !== undefined; top = trail.at(-1)) {
      const input = inputs.get(top.path)?.[top.next];
      top.next += 1;
      if (input === undefined || finished.has(top.path)) {
        finished.add(top.path);
        onTrail.delete(top.path);
        trail.pop();
      } else if (onTrail.has(input)) {
        const paths = trail.map((entry) => entry.path);
        return [...paths.slice(paths.indexOf(input)).reverse(), paths.at(-1) ?? input];
      } else {
        trail.push({ path: input, next: 0 });
        onTrail.add(input);
      }
    }
  }
  return null;
}

function checkShapes(graph: ModelGraph): Problem[] {
  const shapes = new Map<string, Shape>();
  for (const layer of graph.layers) {
    const inferred = inferShape(
      layer.operation,
      layer.inputs.map((input) => shapes.get(input) ?? []),
    );
    if ('misfit' in inferred) {
      const { message, help } = inferred.misfit;
      return [modelProblem('shape', `layer "${layer.path}" (${layer.operation.kind}) ${message}`, help)];
    }
    if (sizeOf(inferred.shape) > LARGEST_OUTPUT) {
      const message = `layer "${layer.path}" would yield ${shapeText(inferred.shape)} for one image`;
      return [modelProblem('tooLarge', message, 'Use smaller images or fewer filters.')];
    }
    shapes.set(layer.path, inferred.shape);
  }
  return (['logits', 'embedding'] as const).flatMap((end) => {
    const path = graph[end];
    const shape = shapes.get(path);
    if (shape?.length === 1 || (shape !== undefined && graph.makesImages === true)) return [];
    const found = shape === undefined ? 'does not exist' : `yields ${shapeText(shape)}, not a vector`;
    return [
      modelProblem('output', `the model's ${end} "${path}" ${found}`, 'Name a layer that yields a vector.'),
    ];
  });
}

function checkNames(graph: ModelGraph): Problem[] {
  const paths = new Set(graph.layers.map((layer) => layer.path));
  return Object.entries(graph.aliases).flatMap(([alias, path]) => {
    if (paths.has(alias) && alias !== path) {
      return [
        modelProblem(
          'duplicatePath',
          `the name "${alias}" is a layer and means another`,
          'Rename one of them.',
        ),
      ];
    }
    return paths.has(path)
      ? []
      : [
          modelProblem(
            'unknownLayer',
            `the name "${alias}" means "${path}", which does not exist`,
            'Name a layer.',
          ),
        ];
  });
}
