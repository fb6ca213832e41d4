/** A large optional runtime: what it costs and why one would want it. */
export interface TensorFlowToolFacts {
  readonly name: string;
  readonly title: string;
  /** Megabytes to download, and on disk. */
  readonly download: number;
  readonly disk: number;
  readonly reason: string;
}

/** What can be installed into the tools folder, each in a folder of its name, in the order in which the engine looks for them. */
export const TENSORFLOW_TOOLS = [
  {
    name: 'tensorflow-gpu-current',
    title: 'TensorFlow for newer graphics cards',
    download: 600,
    disk: 1400,
    reason:
      'graphics cards of NVIDIA of 2022 and later, on Linux x64: @tensorflow/tfjs-node-gpu 4.22.0 with the library of TensorFlow 2.21.0, which needs CUDA 12 from 12.5 on and cuDNN 9.3; not yet proven on a real card, so its self-test decides',
  },
  {
    name: 'tensorflow-gpu',
    title: 'TensorFlow for graphics cards',
    download: 586,
    disk: 1300,
    reason:
      'graphics cards of NVIDIA up to 2021: @tensorflow/tfjs-node-gpu 4.22.0 with its own TensorFlow 2.9.1, which needs CUDA 11.2 and cuDNN 8.1',
  },
  {
    name: 'tensorflow',
    title: 'TensorFlow for the processor',
    download: 232,
    disk: 700,
    reason:
      'a second runtime on the processor: @tensorflow/tfjs-node 4.22.0; each run takes the faster one, and every number has a second opinion',
  },
] as const satisfies readonly TensorFlowToolFacts[];
export type TensorFlowTool = (typeof TENSORFLOW_TOOLS)[number]['name'];
