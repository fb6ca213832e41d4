import { kernelsTested } from '../kernels-tested.ts';
import { hasCudaProvider, nativeVersion } from '../onnx-cuda-files.ts';
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
        help: `lay libonnxruntime_providers_cuda.so and _shared.so of the Python wheel onnxruntime-gpu ${nativeVersion() ?? ''} beside the binding of onnxruntime-node, and the libraries of CUDA 13 and cuDNN 9 on LD_LIBRARY_PATH`,
      });
    }
    return Promise.resolve(kernelsTested(onnxCuda()));
  }),
};
