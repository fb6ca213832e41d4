import type { Word } from './ctc.ts';
import type { ActivationQuantizer, KernelForm } from './kernel-forms.ts';

/**
 * A model is data: a graph of named layers. It is described, checked, drawn and built from this one description.
 * Shapes are channels-last and leave the batch out: `[height, width, channels]` or `[features]`.
 */

export type Shape = readonly number[];

export type LayerOperation =
  | { readonly kind: 'input'; readonly shape: Shape }
  | {
      readonly kind: 'conv2d';
      readonly filters: number;
      readonly size: readonly [number, number];
      readonly strides: readonly [number, number];
      /** `same` pads as TensorFlow does; numbers are explicit: top, bottom, left, right. */
      readonly padding: 'same' | 'valid' | readonly [number, number, number, number];
      readonly bias: boolean;
      readonly groups: number;
      /** Left out: the kernel is what is learned. */
      readonly forms?: readonly KernelForm[];
    }
  | {
      readonly kind: 'dense';
      readonly units: number;
      readonly bias: boolean;
      readonly forms?: readonly KernelForm[];
    }
  | { readonly kind: 'batchNorm'; readonly epsilon: number; readonly momentum: number }
  | {
      readonly kind: 'activation';
      readonly function: 'relu' | 'leakyRelu' | 'sigmoid' | 'tanh' | 'softmax';
      /** Rounds what comes out of it. */
      readonly quantizer?: ActivationQuantizer;
    }
  | {
      readonly kind: 'maxPool' | 'averagePool';
      readonly size: readonly [number, number];
      readonly strides: readonly [number, number];
      readonly padding: 'same' | 'valid';
    }
  | { readonly kind: 'globalAveragePool' }
  | { readonly kind: 'flatten' }
  | { readonly kind: 'reshape'; readonly shape: Shape }
  /** Repeats or leaves out pixels: each takes the nearest one below. */
  | { readonly kind: 'resize'; readonly size: readonly [number, number] }
  | { readonly kind: 'dropout'; readonly rate: number }
  | { readonly kind: 'add' }
  /** `Σ_j D_j x_j` of what experts yield, with learned shares D that add up to 1. */
  | ({ readonly kind: 'gate' } & GateSettings)
  | { readonly kind: 'concat' }
  /** Frames `[1, frames, symbols]` to the log-probability of each word; symbols from 1 on, 0 is the blank. */
  | { readonly kind: 'ctcWords'; readonly words: readonly Word[] }
  /**
   * What a network says of an image, and the poor image that it read: where the spectrum was measured, the measurement stands (Schlemper
   * et al. 2018). `columns` holds 1 for each column of the spectrum that was measured, else 0.
   */
  | { readonly kind: 'dataConsistency'; readonly columns: readonly number[] };

/**
 * Shares of experts, by scores g that are learned:
 *
 *     D = softmax(g / (½ t)),   t = temperature / (1 + steps of training / annealingSteps)
 */
export interface GateSettings {
  /** How many inputs it has. */
  readonly experts: number;
  readonly temperature: number;
  /** Null: t stays. */
  readonly annealingSteps: number | null;
  /** True: all of the share goes to the largest score, and scores are not learned. */
  readonly tree: boolean;
}

export interface Layer {
  /** Path within the model: `stage1.block0.conv1`. Unique. */
  readonly path: string;
  readonly operation: LayerOperation;
  /** Paths of the layers it reads, in order; empty for the input. */
  readonly inputs: readonly string[];
  /** Path of the layer whose tensors it uses; left out: it has its own. */
  readonly weights?: string;
  /** True: its tensors are not learned, and it always works as in inference. */
  readonly frozen?: boolean;
}

/** What a module adds to every loss of the model: `weight` times its value. */
export interface Penalty {
  /** The module's; `loss/<name>` in the records. */
  readonly name: string;
  /**
   * `activationL1`: the mean over the batch of what the neurons of a layer say, added up; `gaussianKl`: how far distributions of weights are
   * from their prior, a training sample.
   */
  readonly kind: 'attentionEntropy' | 'activationL1' | 'gaussianKl';
  readonly weight: number;
  /** Paths of the layers over which it is summed. */
  readonly layers: readonly string[];
}

/** A dense layer whose silent neurons are removed while the model learns. */
export interface Pruning {
  /** Path of the dense layer that loses columns. */
  readonly layer: string;
  /** Path of its ReLU: what is penalised, and what decides whether a neuron is silent. */
  readonly activation: string;
  /** Paths of batch norms between the two, or between the ReLU and who reads it. */
  readonly norms: readonly string[];
  /** Paths of the dense layers that read it and lose rows. */
  readonly readers: readonly string[];
  /** A neuron stays while its activity over the training split is above it. */
  readonly threshold: number;
  readonly activity: 'max' | 'mean';
  /** Epochs from one look to the next. */
  readonly everyEpochs: number;
  /** Looks without a silent neuron after which nobody looks any more; null: to the end. */
  readonly patience: number | null;
  /** So many stay, the most active ones. */
  readonly minimum: number;
}

export interface ModelGraph {
  /** For people: `resnet20`. */
  readonly architecture: string;
  /** In topological order. */
  readonly layers: readonly Layer[];
  /** Names that mean another layer's output: `stage1` is the last layer of that stage. */
  readonly aliases: Readonly<Record<string, string>>;
  readonly input: string;
  /** Path of the layer that yields the logits. */
  readonly logits: string;
  /** Path of the pooled embedding before the classifier. */
  readonly embedding: string;
  /** It answers with images of this shape, and `logits` and `embedding` are both that image, row by row; absent: with classes. */
  readonly reconstructs?: Shape;
  /** True: no classifier; `logits` and `embedding` are both the layer that yields the images. */
  readonly makesImages?: boolean;
  readonly penalties?: readonly Penalty[];
  /** It answers by so many random passes where somebody asks for its uncertainty; absent: it has one answer. */
  readonly bayesian?: { readonly samples: number };
  /** Layers that lose neurons while the model learns. */
  readonly pruning?: readonly Pruning[];
}

/** What is known of a layer without running it. */
export interface LayerDescription {
  readonly path: string;
  readonly kind: LayerOperation['kind'];
  readonly shape: Shape;
  readonly parameters: number;
  /** Multiply-adds for one sample. */
  readonly multiplyAdds: number;
}

export interface ModelDescription {
  readonly layers: readonly LayerDescription[];
  /** Trainable parameters. */
  readonly parameters: number;
  readonly multiplyAdds: number;
  readonly classes: number;
  readonly inputShape: Shape;
}

/** A trainable or running tensor of a model. Convolution kernels are HWIO, dense kernels `[in, out]`. */
export interface ParameterSpec {
  /** `stage1.block0.conv1/kernel` */
  readonly name: string;
  readonly shape: Shape;
  readonly role:
    | 'kernel'
    | 'attention'
    | 'gate'
    | 'spread'
    | 'bias'
    | 'scale'
    | 'offset'
    | 'runningMean'
    | 'runningVariance'
    | 'runningSteps';
  readonly trainable: boolean;
  /** Inputs and outputs of one unit, for the initialiser. */
  readonly fanIn: number;
  readonly fanOut: number;
}
