import {
  TENSORFLOW_TOOLS,
  type TensorFlowTool,
  type TensorFlowToolFacts,
} from '../../protocol/tensorflow-tools.ts';
import type { PackagePlan } from './tensorflow-package.ts';
import { WHEELS, type Wheel } from './wheels.ts';

/** How a runtime is installed; `otherwise` is taken where the package's own library cannot be downloaded. */
interface Method {
  readonly plan: PackagePlan;
  readonly otherwise: Wheel | null;
}

export interface Tool extends TensorFlowToolFacts, Method {}

const METHODS: Readonly<Record<TensorFlowTool, Method>> = {
  'tensorflow-gpu-current': {
    plan: { packageName: '@tensorflow/tfjs-node-gpu', wheel: WHEELS.current },
    otherwise: null,
  },
  'tensorflow-gpu': {
    plan: { packageName: '@tensorflow/tfjs-node-gpu', wheel: null },
    otherwise: WHEELS.gpu,
  },
  tensorflow: { plan: { packageName: '@tensorflow/tfjs-node', wheel: null }, otherwise: WHEELS.cpu },
};

export const TOOLS: readonly Tool[] = TENSORFLOW_TOOLS.map((facts) => ({ ...facts, ...METHODS[facts.name] }));
