import { kernelsTested } from '../kernels-tested.ts';
import { cudaRuntime, hasCudaProvider } from '../onnx-cuda-files.ts';
import { loadCudaLibraries } from '../onnx-cuda-libraries.ts';
import { onnxCuda } from '../onnx-cuda.ts';
import { hasNvidiaDriver } from '../tensorflow/places.ts';
import { onlyOn, type Rung } from './rung.ts';

/** ONNX Runtime on a graphics card of NVIDIA. */
export const onnxCudaRung: Rung = {
  device: 'cuda',
  name: 'onnx-cuda',
  open: onlyOn('linux', 'Linux', () => {
    if (process.arch !== 'x64') return Promise.resolve({ reason: 'x64 processors only' });
    if (!hasNvidiaDriver())
      return Promise.resolve({ reason: 'this machine has no driver for a graphics card of NVIDIA' });
    if (!hasCudaProvider()) {
      return Promise.resolve({
        reason: 'the CUDA provider of ONNX Runtime is not installed',
        help: 'install it with `kd install cuda`',
      });
    }
    const runtime = cudaRuntime();
    const missing = runtime === null ? null : loadCudaLibraries(runtime);
    if (missing !== null)
      return Promise.resolve({ reason: missing, help: 'install it again with `kd install cuda`' });
    return Promise.resolve(kernelsTested(onnxCuda()));
  }),
};
