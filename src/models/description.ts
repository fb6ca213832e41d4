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
  | { readonly kind: 'concat' };

export interface Layer {
  /** Path within the model: `stage1.block0.conv1`. Unique. */
  readonly path: string;
  readonly operation: LayerOperation;
  /** Paths of the layers it reads, in order; empty for the input. */
  readonly inputs: readonly string[];
  /** Path of the layer whose tensors it uses; left out: it has its own. */
  readonly weights?: string;
}

/** What a module adds to every loss of the model: `weight` times its value. */
export interface Penalty {
  /** The module's; `loss/<name>` in the records. */
  readonly name: string;
  readonly kind: 'attentionEntropy';
  readonly weight: number;
  /** Paths of the layers over which it is summed. */
  readonly layers: readonly string[];
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
  /** True: no classifier; `logits` and `embedding` are both the layer that yields the images. */
  readonly makesImages?: boolean;
  readonly penalties?: readonly Penalty[];
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
  readonly role: 'kernel' | 'attention' | 'bias' | 'scale' | 'offset' | 'runningMean' | 'runningVariance';
  readonly trainable: boolean;
  /** Inputs and outputs of one unit, for the initialiser. */
  readonly fanIn: number;
  readonly fanOut: number;
}
