import { convolutionGradients } from './gradients/convolutions.ts';
import { einsumGradients } from './gradients/einsum.ts';
import { elementwiseGradients } from './gradients/elementwise.ts';
import { gatherGradients } from './gradients/gather.ts';
import { logicGradients } from './gradients/logic.ts';
import { poolingGradients } from './gradients/pooling.ts';
import { productGradients } from './gradients/products.ts';
import { reductionGradients } from './gradients/reductions.ts';
import { resizeGradients } from './gradients/resize.ts';
import { register, type GradientRule } from './gradients/rule.ts';
import { differentiateOutputs } from './gradients/second-order.ts';
import { viewGradients } from './gradients/views.ts';

/** Gradients that TensorFlow.js lacks, and those that stand in place of its own where these fail or are wrong. */
const MENDED_GRADIENTS: readonly GradientRule[] = [
  ...elementwiseGradients,
  ...logicGradients,
  ...productGradients,
  ...reductionGradients,
  ...viewGradients,
  ...gatherGradients,
  ...convolutionGradients,
  ...poolingGradients,
  ...resizeGradients,
  ...einsumGradients,
];

/** They serve eager execution too. */
export function mendGradients(): void {
  for (const rule of MENDED_GRADIENTS) register(rule);
  differentiateOutputs();
}
