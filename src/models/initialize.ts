import { normal, randomStream, uniform } from '../random/random.ts';
import type { ModelGraph, ParameterSpec, Shape } from './description.ts';
import { parameterSpecs } from './parameters.ts';
import { sizeOf } from './shapes.ts';

export type Initializer =
  | 'zeros'
  | 'ones'
  | 'narrowSpread'
  | 'unitUniform'
  | 'heNormal'
  | 'glorotUniform'
  | 'pytorchConv'
  | 'pytorchLinear';

/** ρ of which softplus is 0.0067: distributions of weights begin narrow, so that a mean can be learned at all. */
const NARROW = -5;

interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

/**
 * Values of every parameter of a new model, by name. They depend on the seed, the instance and the parameter's name
 * alone: two instances that are to start alike are given the same `instance`.
 *
 * Convolutions: He et al. 2015, σ = √(2 / fanOut), as the reference code of CIFAR residual networks and of distillation has it;
 * their biases and attention 0. Gates: uniform in [0, 1), as the code of KDExplainer. Dense layers: uniform in ±1/√fanIn, kernel and bias, as PyTorch. Normalisation: scale and variance 1, rest 0.
 */
export function initialParameters(
  graph: ModelGraph,
  seed: number,
  instance: string,
): Record<string, Float32Array> {
  return Object.fromEntries(
    parameterSpecs(graph).map((spec) => {
      const stream = `init/${instance}/${spec.name}`;
      return [spec.name, initialValues(initializerOf(spec, graph), spec.shape, seed, stream, spec)];
    }),
  );
}

/**
 * Values of one new tensor.
 *
 *     narrowSpread   −5: softplus makes it 0.0067
 *     unitUniform    U(0, 1)
 *     heNormal       N(0, 2 / fanOut)
 *     glorotUniform  U(±√(6 / (fanIn + fanOut)))
 *     pytorchConv, pytorchLinear   U(±1/√fanIn): PyTorch's default for weights and biases
 *
 * @param stream name of the random stream; no other tensor of the run may use it
 * @param fans inputs and outputs of one unit; by default those of a kernel (HWIO or `[in, out]`)
 */
export function initialValues(
  initializer: Initializer,
  shape: Shape,
  seed: number,
  stream: string,
  fans: Fans = kernelFans(shape),
): Float32Array {
  const values = new Float32Array(sizeOf(shape));
  const source = randomStream(seed, stream);
  switch (initializer) {
    case 'zeros':
      return values;
    case 'ones':
      return values.fill(1);
    case 'narrowSpread':
      return values.fill(NARROW);
    case 'unitUniform':
      return uniform(source, 0, values);
    case 'heNormal':
      return scale(normal(source, 0, values), Math.sqrt(2 / fans.fanOut));
    case 'glorotUniform':
      return spread(uniform(source, 0, values), Math.sqrt(6 / (fans.fanIn + fans.fanOut)));
    case 'pytorchConv':
    case 'pytorchLinear':
      return spread(uniform(source, 0, values), 1 / Math.sqrt(fans.fanIn));
  }
}

function initializerOf(spec: ParameterSpec, graph: ModelGraph): Initializer {
  switch (spec.role) {
    case 'scale':
    case 'runningVariance':
      return 'ones';
    case 'offset':
    case 'runningMean':
    case 'runningSteps':
    case 'attention':
      return 'zeros';
    case 'spread':
      return 'narrowSpread';
    case 'gate':
      return 'unitUniform';
    case 'kernel':
      return spec.shape.length === 4 ? 'heNormal' : 'pytorchLinear';
    case 'bias': {
      const path = spec.name.slice(0, spec.name.lastIndexOf('/'));
      const kind = graph.layers.find((layer) => layer.path === path)?.operation.kind;
      return kind === 'dense' ? 'pytorchLinear' : 'zeros';
    }
  }
}

function kernelFans(shape: Shape): Fans {
  const window = sizeOf(shape.slice(0, -2));
  return { fanIn: window * (shape.at(-2) ?? 1), fanOut: window * (shape.at(-1) ?? 1) };
}

function scale(values: Float32Array, factor: number): Float32Array {
  return values.map((value) => value * factor);
}

/** From [0, 1) to [-bound, bound). */
function spread(values: Float32Array, bound: number): Float32Array {
  return values.map((value) => (2 * value - 1) * bound);
}
