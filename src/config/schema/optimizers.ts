import { boolean, choice, number, object } from '../../schema/field.ts';

const RECIPES = 'RepDistiller and mdistiller, CIFAR-100 recipes';
const ADAM = 'Kingma and Ba 2015, algorithm 1';
const ADAMW = 'PyTorch, AdamW';
const LAMB = 'You et al. 2020, section 4 (BERT)';
const RMSPROP = 'PyTorch, RMSprop';
const ADAGRAD = 'PyTorch, Adagrad';

const learningRate = (value: number, source: string) =>
  number({
    doc: 'Step size. A number or a schedule.',
    default: value,
    exclusiveMinimum: 0,
    maximum: 1000,
    schedulable: true,
    source,
  });

const weightDecay = (value: number, source: string, doc: string) =>
  number({ doc, default: value, minimum: 0, maximum: 1, source });

const decayOf = choice(
  {
    all: 'Every trained tensor, scales, offsets and biases too, as PyTorch does by default.',
    kernels: 'Only the kernels of layers.',
  },
  { doc: 'What the weight decay acts on.', default: 'all' },
);

const COUPLED = 'L2 penalty, added to the gradient of every trained tensor as PyTorch does.';

const decoupledDecay = boolean({
  doc: 'Let the decay shrink the weights themselves, by `learningRate · weightDecay` of each, instead of joining the gradient (Loshchilov and Hutter 2019).',
  default: false,
});

const momentum = (value: number, source: string) =>
  number({
    doc: 'Share of the previous step that is kept.',
    default: value,
    minimum: 0,
    exclusiveMaximum: 1,
    source,
  });

const share = (doc: string, value: number, source: string) =>
  number({ doc, default: value, minimum: 0, exclusiveMaximum: 1, source });

const epsilon = (value: number, source: string) =>
  number({ doc: 'Keeps the division from zero.', default: value, exclusiveMinimum: 0, maximum: 1, source });

const moments = {
  beta1: share('Decay of the mean of gradients.', 0.9, ADAM),
  beta2: share('Decay of the mean of squared gradients.', 0.999, ADAM),
};

/** Every optimizer by its word. */
export const optimizers = {
  sgd: object(
    {
      learningRate: learningRate(0.05, RECIPES),
      momentum: momentum(0.9, RECIPES),
      nesterov: boolean({ doc: "Nesterov's momentum: look ahead before the step.", default: false }),
      weightDecay: weightDecay(5e-4, RECIPES, COUPLED),
      decoupledDecay,
      decayOf,
    },
    { doc: 'Stochastic gradient descent with momentum.' },
  ),
  adam: object(
    {
      learningRate: learningRate(1e-3, ADAM),
      ...moments,
      epsilon: epsilon(1e-8, ADAM),
      weightDecay: weightDecay(
        0,
        'PyTorch',
        'L2 penalty, added to the gradient (not decoupled: see `adamW`).',
      ),
      decayOf,
    },
    { doc: 'Adaptive moments (Kingma and Ba 2015).' },
  ),
  adamW: object(
    {
      learningRate: learningRate(1e-3, ADAMW),
      ...moments,
      epsilon: epsilon(1e-8, ADAMW),
      weightDecay: weightDecay(
        0.01,
        ADAMW,
        'Shrinks every trained tensor by `learningRate · weightDecay` of itself in each step.',
      ),
      decayOf,
    },
    { doc: 'Adam with decoupled weight decay (Loshchilov and Hutter 2019).' },
  ),
  rmsprop: object(
    {
      learningRate: learningRate(0.01, RMSPROP),
      alpha: share('Decay of the mean of squared gradients.', 0.99, RMSPROP),
      epsilon: epsilon(1e-8, RMSPROP),
      momentum: momentum(0, RMSPROP),
      centered: boolean({
        doc: 'Divide by the deviation of gradients instead of their mean square (Graves 2013).',
        default: false,
      }),
      weightDecay: weightDecay(0, RMSPROP, COUPLED),
      decoupledDecay,
      decayOf,
    },
    { doc: 'Division by a running mean of squared gradients (Tieleman and Hinton 2012).' },
  ),
  adagrad: object(
    {
      learningRate: learningRate(0.01, ADAGRAD),
      epsilon: epsilon(1e-10, ADAGRAD),
      initialAccumulator: number({
        doc: 'What the sum of squared gradients starts from.',
        default: 0,
        minimum: 0,
        maximum: 1e6,
        source: ADAGRAD,
      }),
      weightDecay: weightDecay(0, ADAGRAD, COUPLED),
      decoupledDecay,
      decayOf,
    },
    { doc: 'Division by the sum of squared gradients (Duchi, Hazan and Singer 2011).' },
  ),
  lamb: object(
    {
      learningRate: learningRate(1e-3, "TensorFlow Addons; the paper's own grows with the batch"),
      ...moments,
      epsilon: epsilon(1e-6, LAMB),
      weightDecay: weightDecay(
        0.01,
        LAMB,
        'Joins the direction of every trained tensor before its length is set.',
      ),
      decayOf,
    },
    {
      doc: 'Adaptive moments with a step as long as each tensor, for large batches (You et al. 2020).',
    },
  ),
};
