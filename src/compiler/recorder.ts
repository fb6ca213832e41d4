import { captureCallSite } from './call-site.ts';
import type { Attribute, GraphNode, NumericArray, Value } from './graph.ts';
import { shapeRules } from './kernels/index.ts';
import type { TensorType } from './kernels/rule.ts';

/** Collects the nodes and constants of one graph while a step is traced. */
export class Recorder {
  readonly nodes: GraphNode[] = [];
  readonly constants: { readonly value: Value; readonly data: NumericArray }[] = [];
  #nextId = 0;

  value({ shape, dtype }: TensorType): Value {
    return { id: this.#nextId++, shape: [...shape], dtype };
  }

  /** A tensor whose values are known while tracing. One repeated number is recorded as a `Fill`. */
  constant(type: TensorType, data: NumericArray): Value {
    const first = data[0];
    if (data.length > 1 && first !== undefined && data.every((item) => Object.is(item, first))) {
      return this.fill(type, first);
    }
    const value = this.value(type);
    this.constants.push({ value, data });
    return value;
  }

  fill({ shape, dtype }: TensorType, value: number): Value {
    const [filled] = this.record('Fill', [], [], { shape: [...shape], value, dtype });
    if (filled === undefined) throw new Error('Fill yields one tensor');
    return filled;
  }

  record(
    kernel: string,
    inputs: readonly Value[],
    inputNames: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
  ): readonly Value[] {
    const rule = shapeRules[kernel];
    if (rule === undefined) throw new Error(`no shape rule for ${kernel}`);
    const outputs = rule({ kernel, inputs, inputNames, attributes }).map((type) => this.value(type));
    this.nodes.push({ kernel, inputs, inputNames, attributes, outputs, site: captureCallSite() });
    return outputs;
  }
}
