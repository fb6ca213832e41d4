import { nativeRuntime } from './onnx-runtime.ts';

/** A model with its weights in it, on the CPU provider of ONNX Runtime as anybody would run it. */
export interface LoadedModel {
  /** `ONNX Runtime 1.30.0` */
  readonly runtime: string;
  run(input: string, data: Float32Array, shape: readonly number[], output: string): Promise<Float32Array>;
}

/** @param bytes of an ONNX file */
export async function loadOnnxModel(bytes: Uint8Array): Promise<LoadedModel> {
  const { InferenceSession, Tensor, version } = await nativeRuntime();
  const session = await InferenceSession.create(bytes, { executionProviders: ['cpu'] });
  return {
    runtime: `ONNX Runtime ${version}`,
    run: async (input, data, shape, output) => {
      const fetched = await session.run({ [input]: new Tensor('float32', data, [...shape]) });
      return fetched[output]?.data as Float32Array;
    },
  };
}
