import type { Wheel } from './wheels.ts';

/** A wheel, and the files in it that are used. */
export interface LibraryWheel extends Wheel {
  readonly libraries: readonly string[];
}

const cuda = (name: string): string => `nvidia/cu13/lib/${name}`;

/**
 * The CUDA provider, and what it loads: the libraries of CUDA 13.0, which any driver for CUDA 13 can run, and cuDNN. Transforms
 * (cuFFT) are not among the kernels of a training step; the provider loads them only when asked for one.
 */
export const CUDA_WHEELS: readonly LibraryWheel[] = [
  {
    project: 'onnxruntime-gpu',
    version: '1.30.0',
    file: 'onnxruntime_gpu-1.30.0-cp311-cp311-manylinux_2_28_x86_64.whl',
    bytes: 246_658_419,
    sha256: '4fbf0c5d7b5fb99266c2e8a802e3e64af68bdc383e0f3c7349b985f1087eedaa',
    libraries: [
      'onnxruntime/capi/libonnxruntime_providers_cuda.so',
      'onnxruntime/capi/libonnxruntime_providers_shared.so',
    ],
  },
  {
    project: 'nvidia-cuda-runtime',
    version: '13.0.96',
    file: 'nvidia_cuda_runtime-13.0.96-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
    bytes: 2_243_632,
    sha256: '7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548',
    libraries: [cuda('libcudart.so.13')],
  },
  {
    project: 'nvidia-cublas',
    version: '13.0.2.14',
    file: 'nvidia_cublas-13.0.2.14-py3-none-manylinux_2_27_x86_64.whl',
    bytes: 420_882_912,
    sha256: '0cf238ffdbe46c00cb9aa98e7bca745c223a5ca5a53e686ac8b3e5a08fe80d6c',
    libraries: [cuda('libcublasLt.so.13'), cuda('libcublas.so.13')],
  },
  {
    project: 'nvidia-curand',
    version: '10.4.0.35',
    file: 'nvidia_curand-10.4.0.35-py3-none-manylinux_2_27_x86_64.whl',
    bytes: 59_544_258,
    sha256: '1aee33a5da6e1db083fe2b90082def8915f30f3248d5896bcec36a579d941bfc',
    libraries: [cuda('libcurand.so.10')],
  },
  {
    project: 'nvidia-cuda-nvrtc',
    version: '13.0.88',
    file: 'nvidia_cuda_nvrtc-13.0.88-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
    bytes: 90_215_200,
    sha256: 'ad9b6d2ead2435f11cbb6868809d2adeeee302e9bb94bcf0539c7a40d80e8575',
    libraries: [cuda('libnvrtc-builtins.so.13.0'), cuda('libnvrtc.so.13')],
  },
  {
    project: 'nvidia-cudnn-cu13',
    version: '9.26.0.51',
    file: 'nvidia_cudnn_cu13-9.26.0.51-py3-none-manylinux_2_27_x86_64.whl',
    bytes: 519_150_073,
    sha256: '9c976d539786698c71d6bcdbe2053b7485fae062ff7e1215d2f2ff67b1a2149a',
    libraries: [
      'libcudnn.so.9',
      ...['adv', 'cnn', 'engines_precompiled', 'engines_runtime_compiled', 'engines_tensor_ir']
        .concat(['ext', 'graph', 'heuristic', 'ops'])
        .map((part) => `libcudnn_${part}.so.9`),
    ].map((name) => `nvidia/cudnn/lib/${name}`),
  },
];
