import { arrayRules } from './arrays.ts';
import { elementwiseRules } from './elementwise.ts';
import { reductionRules } from './reductions.ts';
import type { ShapeRule } from './rule.ts';
import { spatialRules } from './spatial.ts';

/** Every kernel that a step may contain, with the shapes and types it yields. */
export const shapeRules: Readonly<Record<string, ShapeRule>> = {
  ...elementwiseRules,
  ...reductionRules,
  ...arrayRules,
  ...spatialRules,
};
