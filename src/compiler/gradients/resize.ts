import { resizing } from '../composed/resize.ts';
import type { Attribute } from '../graph.ts';
import { at, type GradientRule } from './rule.ts';

/** The true gradients on every grid; those of TensorFlow.js ignore `halfPixelCenters`. */
const resize = (kernel: string): GradientRule => ({
  kernel,
  saves: ['images'],
  gradient: ({ dy, saved, attributes }) => ({
    images: () => {
      const backwards = resizing[`${kernel}Grad`];
      if (backwards === undefined) throw new Error(`${kernel} has no gradient`);
      return backwards({ dy, images: at(saved, 0) }, attributes as Readonly<Record<string, Attribute>>);
    },
  }),
});

export const resizeGradients: readonly GradientRule[] = [
  resize('ResizeBilinear'),
  resize('ResizeNearestNeighbor'),
];
