import type { LayerOperation, ModelGraph, ParameterSpec, Shape } from './description.ts';
import type { KernelForm } from './kernel-forms.ts';
import { inferShapes } from './infer.ts';
import { sizeOf } from './shapes.ts';

/** Trainable and running tensors of a model, in the order of its layers. Throws `UserError` where `describe` would. */
export function parameterSpecs(graph: ModelGraph): ParameterSpec[] {
  const shapes = inferShapes(graph);
  return graph.layers.flatMap((layer) => {
    const [input] = layer.inputs;
    if (layer.weights !== undefined) return [];
    const specs = operationParameters(
      layer.path,
      layer.operation,
      (input === undefined ? null : shapes.get(input)) ?? [],
    );
    return layer.frozen === true ? specs.map((spec) => ({ ...spec, trainable: false })) : specs;
  });
}

/** Tensors of one layer; `input` is the shape of its (only) input. */
export function operationParameters(path: string, operation: LayerOperation, input: Shape): ParameterSpec[] {
  const channels = input.at(-1) ?? 0;
  switch (operation.kind) {
    case 'conv2d': {
      const window = sizeOf(operation.size);
      const fanIn = (window * channels) / operation.groups;
      const fanOut = (window * operation.filters) / operation.groups;
      const shape = [...operation.size, channels / operation.groups, operation.filters];
      return [
        ...withBias(path, { shape, fanIn, fanOut }, operation.filters, operation.bias),
        ...attentionOf(path, operation.forms),
        ...spreadOf(path, operation.forms, { shape, fanIn, fanOut }),
      ];
    }
    case 'dense': {
      const kernel = { shape: [channels, operation.units], fanIn: channels, fanOut: operation.units };
      return [
        ...withBias(path, kernel, operation.units, operation.bias),
        ...spreadOf(path, operation.forms, kernel),
      ];
    }
    case 'batchNorm': {
      const fan = { shape: [channels], fanIn: channels, fanOut: channels };
      return [
        { name: `${path}/scale`, role: 'scale', trainable: true, ...fan },
        { name: `${path}/offset`, role: 'offset', trainable: true, ...fan },
        { name: `${path}/runningMean`, role: 'runningMean', trainable: false, ...fan },
        { name: `${path}/runningVariance`, role: 'runningVariance', trainable: false, ...fan },
      ];
    }
    case 'gate': {
      const { experts, tree, annealingSteps } = operation;
      const fan = { fanIn: experts, fanOut: 1 };
      return [
        { name: `${path}/gates`, shape: [experts], role: 'gate', trainable: !tree, ...fan },
        ...(tree || annealingSteps === null
          ? []
          : [{ name: `${path}/steps`, shape: [1], role: 'runningSteps', trainable: false, ...fan } as const]),
      ];
    }
    case 'input':
    case 'activation':
    case 'maxPool':
    case 'averagePool':
    case 'globalAveragePool':
    case 'flatten':
    case 'reshape':
    case 'resize':
    case 'dropout':
    case 'add':
    case 'concat':
    case 'ctcWords':
    case 'dataConsistency':
      return [];
  }
}

/** Scores of the attention between blocks of filters (rows) and of channels. */
function attentionOf(path: string, forms: readonly KernelForm[] = []): ParameterSpec[] {
  return forms.flatMap((form) =>
    form.kind === 'virtualAttention'
      ? [
          {
            name: `${path}/attention`,
            shape: [form.groups, form.groups],
            role: 'attention' as const,
            trainable: true,
            fanIn: form.groups,
            fanOut: form.groups,
          },
        ]
      : [],
  );
}

/** ρ of a distribution of weights: one number for each. */
function spreadOf(
  path: string,
  forms: readonly KernelForm[] = [],
  kernel: Pick<ParameterSpec, 'shape' | 'fanIn' | 'fanOut'>,
): ParameterSpec[] {
  return forms.some(({ kind }) => kind === 'variational')
    ? [{ name: `${path}/spread`, role: 'spread', trainable: true, ...kernel }]
    : [];
}

function withBias(
  path: string,
  kernel: Pick<ParameterSpec, 'shape' | 'fanIn' | 'fanOut'>,
  units: number,
  bias: boolean,
): ParameterSpec[] {
  const specs: ParameterSpec[] = [{ name: `${path}/kernel`, role: 'kernel', trainable: true, ...kernel }];
  if (bias) specs.push({ ...kernel, name: `${path}/bias`, role: 'bias', trainable: true, shape: [units] });
  return specs;
}
