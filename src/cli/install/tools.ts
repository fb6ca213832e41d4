import {
  CUDA_RUNTIME,
  TENSORFLOW_RUNTIMES,
  type RuntimeFacts,
  type TensorFlowRuntime,
} from '../../protocol/runtimes.ts';
import { installCudaProvider } from './cuda-provider.ts';
import { CUDA_WHEELS } from './cuda-wheels.ts';
import type { InstallOptions } from './install-aside.ts';
import { installPackage, type PackagePlan } from './tensorflow-package.ts';
import { WHEELS, type Wheel } from './wheels.ts';

type Install = (folder: string, options: InstallOptions) => Promise<void>;

/** A way to install a runtime, and the wheels that it takes its libraries from. */
interface Way {
  readonly install: Install;
  readonly wheels: readonly Wheel[];
}

export interface Tool extends RuntimeFacts {
  readonly way: Way;
  /** Taken where the package's own library cannot be downloaded, or wheels are given. */
  readonly otherwise: Way | null;
  /** Task of the engine that tries what was installed. */
  readonly trial: 'try-tensorflow' | 'try-cuda';
}

const PACKAGES: Readonly<Record<TensorFlowRuntime, PackagePlan['packageName']>> = {
  'tensorflow-gpu-current': '@tensorflow/tfjs-node-gpu',
  'tensorflow-gpu': '@tensorflow/tfjs-node-gpu',
  tensorflow: '@tensorflow/tfjs-node',
};
/** Where the library comes from: null stands for the package's own. */
const LIBRARIES: Readonly<Record<TensorFlowRuntime, readonly [Wheel | null, Wheel | null]>> = {
  'tensorflow-gpu-current': [WHEELS.current, null],
  'tensorflow-gpu': [null, WHEELS.gpu],
  tensorflow: [null, WHEELS.cpu],
};

export const TOOLS: readonly Tool[] = [
  ...TENSORFLOW_RUNTIMES.map((facts): Tool => {
    const [first, second] = LIBRARIES[facts.name];
    const way = (wheel: Wheel | null): Way => ({
      install: (folder, options) =>
        installPackage({ packageName: PACKAGES[facts.name], wheel }, folder, options),
      wheels: wheel === null ? [] : [wheel],
    });
    return {
      ...facts,
      way: way(first),
      otherwise: second === null ? null : way(second),
      trial: 'try-tensorflow',
    };
  }),
  {
    ...CUDA_RUNTIME,
    way: { install: installCudaProvider, wheels: CUDA_WHEELS },
    otherwise: null,
    trial: 'try-cuda',
  },
];
