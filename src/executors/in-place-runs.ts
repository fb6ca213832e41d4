import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { OnnxModel } from '../compiler/onnx/model.ts';
import { encodeModel } from '../compiler/onnx/wire.ts';
import { PROBE_SESSION, type OnnxRuntime } from './onnx-runtime.ts';

type Tensors = Readonly<Record<string, Tensor>>;

/** Runs whose results are where they were told to be, also over what they read, and nowhere else. */
export interface InPlaceRuns {
  /** @param fetches where each output is written */
  run(
    session: InferenceSession,
    inputs: Tensors,
    fetches: Tensors,
  ): Promise<InferenceSession.OnnxValueMapType>;
}

/** The output that comes first and is refused, and what it is made of. No step's own values are called so. */
const [REFUSED, ITEM] = ['refused', 'refused-item'];

/**
 * ONNX Runtime's binding for Node makes a new array of every output after a run, also of those that it has just written into a tensor
 * it was given: of a network's whole state, at every step, a fifth of the step of a small one. An output that it has no form for, a
 * sequence, makes it stop before that: the run is over then, and all that was written stays.
 */
export function withRefusedOutput(model: OnnxModel): OnnxModel {
  const item = { name: ITEM, type: 'float32', shape: [1] } as const;
  return {
    ...model,
    initializers: [...model.initializers, { ...item, data: new Float32Array(1) }],
    nodes: [
      ...model.nodes,
      { type: 'SequenceConstruct', domain: '', inputs: [ITEM], outputs: [REFUSED], attributes: {} },
    ],
    outputs: [{ ...item, name: REFUSED, sequence: true }, ...model.outputs],
  };
}

const known = new WeakMap<OnnxRuntime, Promise<InPlaceRuns | null>>();

/** How runs of this runtime end without copies, tried once a process; null where they do not. */
export function inPlaceRunsOf(runtime: OnnxRuntime): Promise<InPlaceRuns | null> {
  const found = known.get(runtime) ?? probe(runtime);
  known.set(runtime, found);
  return found;
}

/**
 * A run that writes the right number, over the one that it read, and then refuses the sequence: the words by which it does that are
 * known from here on.
 */
async function probe({ InferenceSession, Tensor }: OnnxRuntime): Promise<InPlaceRuns | null> {
  const scalar = { type: 'float32', shape: [] } as const;
  const model: OnnxModel = {
    name: 'in place',
    inputs: [{ name: 'x', ...scalar }],
    outputs: [{ name: 'y', ...scalar }],
    initializers: [],
    nodes: [{ type: 'Neg', domain: '', inputs: ['x'], outputs: ['y'], attributes: {} }],
  };
  try {
    const session = await InferenceSession.create(encodeModel(withRefusedOutput(model)), PROBE_SESSION);
    const place = Float32Array.of(3);
    const [x, y] = [new Tensor('float32', place, []), new Tensor('float32', place, [])];
    const refusal = await session.run({ x }, { [REFUSED]: null, y }).then(() => null, wordsOf);
    await session.release();
    return refusal !== null && place[0] === -3 ? endingWith(refusal) : null;
  } catch {
    return null; // a build of the runtime without sequences
  }
}

function endingWith(refusal: string): InPlaceRuns {
  return {
    async run(session, inputs, fetches) {
      try {
        return await session.run(inputs, { ...fetches, [REFUSED]: null });
      } catch (error) {
        if (wordsOf(error) !== refusal) throw error;
        return fetches;
      }
    },
  };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
