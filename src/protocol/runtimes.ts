/** A large optional runtime: what it costs and why one would want it. */
export interface RuntimeFacts {
  readonly name: string;
  readonly title: string;
  /** Its folder in the tools folder. */
  readonly folder: string;
  /** Megabytes to download, and on disk. */
  readonly download: number;
  readonly disk: number;
  readonly reason: string;
  /** Machines that it is for: platform and processor as Node names them. */
  readonly machines: readonly string[];
  /** True: of use only where a graphics card of NVIDIA is. */
  readonly nvidia: boolean;
}

/** What runs TensorFlow graphs, in the order in which the engine looks for it. */
export const TENSORFLOW_RUNTIMES = [
  {
    name: 'tensorflow-gpu-current',
    title: 'TensorFlow for newer graphics cards',
    folder: 'tensorflow-gpu-current',
    download: 573,
    disk: 1580,
    reason:
      'graphics cards of NVIDIA of 2022 and later, on Linux x64: @tensorflow/tfjs-node-gpu 4.22.0 with the library of TensorFlow 2.21.0, which needs CUDA 12 from 12.5 on and cuDNN 9.3; not yet proven on a real card, so its self-test decides',
    machines: ['linux-x64'],
    nvidia: true,
  },
  {
    name: 'tensorflow-gpu',
    title: 'TensorFlow for graphics cards',
    folder: 'tensorflow-gpu',
    download: 586,
    disk: 1300,
    reason:
      'graphics cards of NVIDIA up to 2021: @tensorflow/tfjs-node-gpu 4.22.0 with its own TensorFlow 2.9.1, which needs CUDA 11.2 and cuDNN 8.1',
    machines: ['linux-x64', 'win32-x64'],
    nvidia: true,
  },
  {
    name: 'tensorflow',
    title: 'TensorFlow for the processor',
    folder: 'tensorflow',
    download: 232,
    disk: 700,
    reason:
      'a second runtime on the processor: @tensorflow/tfjs-node 4.22.0; each run takes the faster one, every number has a second opinion, and what cannot be compiled runs on it',
    machines: ['linux-x64', 'win32-x64', 'darwin-x64', 'darwin-arm64'],
    nvidia: false,
  },
] as const satisfies readonly RuntimeFacts[];
export type TensorFlowRuntime = (typeof TENSORFLOW_RUNTIMES)[number]['name'];

/** The CUDA provider stands beside exactly this version of the product's own runtime. */
const ONNX_RUNTIME = '1.30.0';

/** Where the CUDA provider of a version of ONNX Runtime is installed. */
export function cudaFolder(version: string): string {
  return `onnxruntime-cuda-${version}`;
}

export const CUDA_RUNTIME = {
  name: 'cuda',
  title: 'CUDA for ONNX Runtime',
  folder: cudaFolder(ONNX_RUNTIME),
  download: 1339,
  disk: 2050,
  reason: `graphics cards of NVIDIA from 2018 on with a driver of version 580 or later, on Linux x64: the CUDA provider of ONNX Runtime ${ONNX_RUNTIME} with the libraries of CUDA 13.0 and cuDNN 9.26, which come under NVIDIA's own licences; not yet proven on a real card, so its self-test decides`,
  machines: ['linux-x64'],
  nvidia: true,
} as const satisfies RuntimeFacts;

/** All that can be installed. */
export const RUNTIMES: readonly RuntimeFacts[] = [...TENSORFLOW_RUNTIMES, CUDA_RUNTIME];

export function isForThisMachine({ machines }: Pick<RuntimeFacts, 'machines'>): boolean {
  return machines.includes(`${process.platform}-${process.arch}`);
}
