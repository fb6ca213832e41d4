import type { OptimizerSettings, TrainSettings } from '../../../src/config/experiment.ts';

type Values = ArrayLike<number>;
export type Named<T = Values> = Readonly<Record<string, T>>;

interface Memory {
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly c: Float64Array;
}

/**
 * Every optimizer and option once more, in double precision, tensor by tensor and entry by entry: written from PyTorch's
 * documentation of `torch.optim` and `clip_grad_*`; LAMB and the mean of weights, which it lacks, from the papers.
 */
export class ReferenceOptimizer {
  /** In double precision from step to step. */
  readonly parameters: Record<string, Float64Array>;
  /** The running mean of the parameters. */
  readonly averages: Record<string, Float64Array>;
  readonly #settings: Pick<TrainSettings, 'optimizer' | 'gradientClipping' | 'ema'>;
  readonly #memory: Record<string, Memory> = {};
  #updates = 0;

  constructor(settings: Pick<TrainSettings, 'optimizer' | 'gradientClipping' | 'ema'>, initial: Named) {
    this.#settings = settings;
    const copy = (values: Values) => Float64Array.from(values);
    this.parameters = mapped(initial, copy);
    this.averages = mapped(initial, copy);
    for (const [name, { length }] of Object.entries(initial)) {
      const zeros = () => new Float64Array(length);
      this.#memory[name] = { a: zeros(), b: zeros(), c: zeros() };
    }
  }

  /** One update; `rate` is the learning rate. */
  update(gradients: Named, rate: number): void {
    const { optimizer } = this.#settings;
    const t = ++this.#updates;
    const clipped = this.#clipped(gradients);
    for (const [name, p] of Object.entries(this.parameters)) {
      const memory = this.#memory[name] as Memory;
      const apart = optimizer.kind === 'adamW' || ('decoupledDecay' in optimizer && optimizer.decoupledDecay);
      const coupled = apart || optimizer.kind === 'lamb' ? 0 : optimizer.weightDecay;
      const moves = p.map((value, i) => {
        const g = (clipped[name]?.[i] ?? NaN) + coupled * value;
        return direction(optimizer, g, value, t, memory, i);
      });
      const ratio = optimizer.kind === 'lamb' ? trustRatio(p, moves) : 1;
      p.forEach((value, i) => {
        const shrunk = apart ? value * (1 - rate * optimizer.weightDecay) : value;
        p[i] = shrunk - rate * ratio * (moves[i] ?? NaN);
      });
    }
    for (const [name, p] of Object.entries(this.parameters)) this.average(this.averages[name], p);
  }

  /** a ← d a + (1 − d) x with the decay of the last update. */
  average(mean: Float64Array | undefined, values: Values): void {
    const { ema } = this.#settings;
    if (ema === null || mean === undefined) return;
    const t = this.#updates;
    const decay = ema.warmUp ? Math.min(ema.decay, (1 + t) / (10 + t)) : ema.decay;
    mean.forEach((value, i) => (mean[i] = decay * value + (1 - decay) * (values[i] ?? NaN)));
  }

  #clipped(gradients: Named): Named {
    const { gradientClipping } = this.#settings;
    if (gradientClipping === null) return gradients;
    const { by, limit } = gradientClipping;
    if (by === 'value') {
      return mapped(gradients, (g) => Float64Array.from(g, (x) => Math.max(-limit, Math.min(limit, x))));
    }
    let squares = 0;
    for (const g of Object.values(gradients)) for (const x of Array.from(g)) squares += x * x;
    const factor = Math.min(1, limit / (Math.sqrt(squares) + 1e-6));
    return mapped(gradients, (g) => Float64Array.from(g, (x) => x * factor));
  }
}

/** What entry `i` of a tensor moves by, before the learning rate. */
function direction(
  settings: OptimizerSettings,
  g: number,
  value: number,
  t: number,
  { a, b, c }: Memory,
  i: number,
): number {
  const at = (memory: Float64Array) => memory[i] ?? NaN;
  switch (settings.kind) {
    case 'sgd':
      if (settings.momentum === 0) return g;
      // PyTorch sets the buffer to the gradient in the first step.
      a[i] = t === 1 ? g : settings.momentum * at(a) + g;
      return settings.nesterov ? g + settings.momentum * at(a) : at(a);
    case 'adam':
    case 'adamW':
    case 'lamb': {
      const { beta1, beta2, epsilon, weightDecay } = settings;
      a[i] = beta1 * at(a) + (1 - beta1) * g;
      b[i] = beta2 * at(b) + (1 - beta2) * g * g;
      const ratio = at(a) / (1 - beta1 ** t) / (Math.sqrt(at(b) / (1 - beta2 ** t)) + epsilon);
      return settings.kind === 'lamb' ? ratio + weightDecay * value : ratio;
    }
    case 'rmsprop': {
      const { alpha, epsilon, momentum, centered } = settings;
      a[i] = alpha * at(a) + (1 - alpha) * g * g;
      b[i] = alpha * at(b) + (1 - alpha) * g;
      c[i] = momentum * at(c) + g / (Math.sqrt(centered ? at(a) - at(b) ** 2 : at(a)) + epsilon);
      return at(c);
    }
    case 'adagrad':
      a[i] = (t === 1 ? settings.initialAccumulator : at(a)) + g * g;
      return g / (Math.sqrt(at(a)) + settings.epsilon);
  }
}

function length(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

function trustRatio(weights: Float64Array, moves: Float64Array): number {
  const [p, u] = [length(weights), length(moves)];
  return p > 0 && u > 0 ? p / u : 1;
}

function mapped<A, B>(values: Named<A>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
}
