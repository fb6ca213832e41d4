import type { Layer, LayerOperation, ModelGraph, Shape } from '../description.ts';

const BATCH_NORM: LayerOperation = { kind: 'batchNorm', epsilon: 1e-5, momentum: 0.9 };

/** Collects the layers of a model in order. Each method adds one layer and returns its path. */
export class GraphBuilder {
  readonly input = 'input';
  readonly layers: Layer[] = [];
  readonly #aliases: Record<string, string> = {};

  constructor(inputShape: Shape) {
    this.add(this.input, { kind: 'input', shape: inputShape });
  }

  add(path: string, operation: LayerOperation, ...inputs: readonly string[]): string {
    this.layers.push({ path, operation, inputs });
    return path;
  }

  /** A square convolution, padded by half its window: the output is as large as the input, divided by the stride. */
  conv(
    path: string,
    input: string,
    filters: number,
    size: number,
    options: { stride?: number; bias?: boolean } = {},
  ): string {
    const { stride = 1, bias = false } = options;
    const pad = (size - 1) / 2;
    const padding = [pad, pad, pad, pad] as const;
    return this.add(
      path,
      { kind: 'conv2d', filters, size: [size, size], strides: [stride, stride], padding, bias, groups: 1 },
      input,
    );
  }

  batchNorm(path: string, input: string): string {
    return this.add(path, BATCH_NORM, input);
  }

  relu(path: string, input: string): string {
    return this.add(path, { kind: 'activation', function: 'relu' }, input);
  }

  /** Halves height and width. */
  maxPool(path: string, input: string): string {
    return this.add(path, { kind: 'maxPool', size: [2, 2], strides: [2, 2], padding: 'valid' }, input);
  }

  dense(path: string, input: string, units: number): string {
    return this.add(path, { kind: 'dense', units, bias: true }, input);
  }

  /** Another name of a layer. */
  alias(name: string, path: string): void {
    this.#aliases[name] = path;
  }

  /** The finished network of a generator: its last layer yields images. */
  ending(architecture: string, output: string): ModelGraph {
    return {
      architecture,
      layers: this.layers,
      aliases: { ...this.#aliases },
      input: this.input,
      logits: output,
      embedding: output,
      makesImages: true,
    };
  }

  /** The finished model that answers with images of the shape of its input: what `image` yields. */
  reconstruction(architecture: string, image: string, shape: Shape): ModelGraph {
    const output = this.add('image', { kind: 'flatten' }, image);
    return { ...this.finished(architecture, output, output), reconstructs: shape };
  }

  /** The finished model with its classifier on top of `embedding`. */
  classifier(architecture: string, embedding: string, classes: number): ModelGraph {
    return this.finished(architecture, embedding, this.dense('head.fc', embedding, classes));
  }

  /** The finished model whose answer is there already. */
  finished(architecture: string, embedding: string, logits: string): ModelGraph {
    return {
      architecture,
      layers: this.layers,
      aliases: { ...this.#aliases, embedding, logits },
      input: this.input,
      logits,
      embedding,
    };
  }
}
