import type { DType, NumericArray, TensorSpec } from '../../compiler/graph.ts';
import type { FixtureMember, FixtureSide } from '../../methods/fixture-mapping.ts';
import type { Fixture } from '../fixture.ts';
import { required } from '../step-function.ts';

/** What a golden case feeds to its step, by the names that the objective reads it under. */
export class CaseInputs {
  readonly specs: Record<string, TensorSpec> = {};
  readonly feeds: Record<string, NumericArray> = {};
  /** Name of an input of the step to the fixture's name of it. */
  readonly names = new Map<string, string>();
  readonly #fixture: Fixture;

  constructor(fixture: Fixture) {
    this.#fixture = fixture;
  }

  add(name: string, shape: readonly number[], data: NumericArray, dtype: DType = 'float32'): void {
    this.specs[name] = { shape, dtype, role: 'batch' };
    this.feeds[name] = data;
  }

  /** A tensor of the fixture, in its own shape or another of the same size. */
  addTensor(name: string, from: string, shape?: (given: readonly number[]) => readonly number[]): void {
    const tensor = required(this.#fixture.tensors, from);
    this.names.set(name, from);
    const data = tensor.dtype === 'int32' ? Int32Array.from(tensor.data) : tensor.data;
    this.add(name, shape?.(tensor.shape) ?? tensor.shape, data, tensor.dtype);
  }

  /** `<name>/logits` and `<name>/maps/<i>`; how many maps there are. */
  addSide(name: string, side: FixtureSide): number {
    if (side.logits !== undefined) this.addTensor(`${name}/logits`, side.logits);
    const maps = [side.maps ?? []].flat().flatMap((list) => this.listed(list));
    maps.forEach((map, i) => this.addTensor(`${name}/maps/${i}`, map));
    return maps.length;
  }

  /** `<name>/logits` or `<name>/classifier/...`, and `<name>/embedding`. */
  addMember(name: string, { logits, embedding, classifier }: FixtureMember): void {
    if (logits !== undefined) this.addTensor(`${name}/logits`, logits);
    if (embedding !== undefined) this.addTensor(`${name}/embedding`, embedding);
    if (classifier === undefined) return;
    this.addTensor(`${name}/classifier/kernel`, classifier[0]);
    this.addTensor(`${name}/classifier/bias`, classifier[1]);
  }

  /** The list `name.0`, `name.1`, ... or the one tensor `name`. */
  listed(name: string): readonly string[] {
    const { tensors } = this.#fixture;
    if (name in tensors) return [name];
    const found: string[] = [];
    while (`${name}.${found.length}` in tensors) found.push(`${name}.${found.length}`);
    if (found.length === 0) throw new Error(`the fixture has no input "${name}"`);
    return found;
  }

  /** Shape without the batch; empty where there is no such input. */
  shapeOf(name: string): readonly number[] {
    return this.specs[name]?.shape.slice(1) ?? [];
  }

  get batch(): number {
    return Object.values(this.specs)[0]?.shape[0] ?? 0;
  }

  /** Inputs whose gradient the fixture expects. */
  get wanted(): readonly string[] {
    return [...this.names].filter(([, from]) => from in this.#fixture.gradients).map(([name]) => name);
  }
}
