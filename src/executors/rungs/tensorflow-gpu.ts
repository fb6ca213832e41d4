import { findPackages } from '../tensorflow/package.ts';
import { hasNvidiaDriver, tensorFlowFolders } from '../tensorflow/places.ts';
import type { Rung } from './rung.ts';
import { openTensorFlow } from './tensorflow.ts';

const PACKAGE = '@tensorflow/tfjs-node-gpu';

/** The TensorFlow graph on a graphics card of NVIDIA, by `@tensorflow/tfjs-node-gpu`. */
export const tensorflowGpuRung: Rung = {
  device: 'cuda',
  name: 'tensorflow-gpu',
  async open({ threads }) {
    if (!hasNvidiaDriver()) return { reason: 'this machine has no driver for a graphics card of NVIDIA' };
    const found = findPackages(tensorFlowFolders(), [PACKAGE]);
    if (found.length === 0)
      return {
        reason: `${PACKAGE} is not installed`,
        help: 'install it with `kd install tensorflow-gpu`, or with `kd install tensorflow-gpu-current` for cards of 2022 and later',
      };
    const opened = await openTensorFlow(found, threads);
    if ('reason' in opened || opened.usesGpu) return opened;
    return {
      reason: `${opened.description} finds no graphics card that it can use: the driver, CUDA or cuDNN do not fit its library`,
      help: 'its messages with TF_CPP_MIN_LOG_LEVEL=0 name what is missing; `kd install tensorflow-gpu-current` has a library for newer cards',
    };
  },
};
