import { kernelsTested } from '../kernels-tested.ts';
import { onnxWebGpu } from '../onnx-webgpu.ts';
import type { Rung } from './rung.ts';
import { hasVulkanDriver } from './vulkan.ts';

/** ONNX Runtime on any graphics card, through WebGPU. */
export const onnxWebgpuRung: Rung = {
  device: 'webgpu',
  name: 'onnx-webgpu',
  open() {
    if (process.platform === 'linux' && !hasVulkanDriver()) {
      return Promise.resolve({
        reason: 'no Vulkan driver is installed',
        help: "install your graphics card's Vulkan driver (Debian: mesa-vulkan-drivers) and the loader (libvulkan1)",
      });
    }
    return Promise.resolve(kernelsTested(onnxWebGpu()));
  },
};
