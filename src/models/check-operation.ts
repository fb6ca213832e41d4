import type { Problem } from '../protocol/errors.ts';
import type { Layer, LayerOperation } from './description.ts';
import { modelProblem } from './problems.ts';

/** Largest count of filters, units, window rows, image rows. */
const LARGEST_COUNT = 1_000_000;

/** Settings of one layer that are out of range, whatever its inputs. */
export function checkOperation(layer: Layer): Problem[] {
  return settingsOf(layer.operation)
    .filter(({ good }) => !good)
    .map(({ name, rule }) =>
      modelProblem(
        'setting',
        `layer "${layer.path}" (${layer.operation.kind}): ${name} is not ${rule}`,
        `Give ${name} a value that is ${rule}.`,
      ),
    );
}

interface Setting {
  readonly name: string;
  readonly good: boolean;
  readonly rule: string;
}

function settingsOf(operation: LayerOperation): Setting[] {
  switch (operation.kind) {
    case 'input':
      return [
        {
          name: 'shape',
          good: [1, 3].includes(operation.shape.length) && operation.shape.every(isCount),
          rule: 'a vector [features] or a map [height, width, channels] of positive whole numbers',
        },
      ];
    case 'conv2d':
      return [
        count('filters', operation.filters),
        count('groups', operation.groups),
        ...windowSettings(operation.size, operation.strides),
        {
          name: 'padding',
          good: isPadding(operation.padding),
          rule: 'same, valid, or four whole numbers from 0',
        },
      ];
    case 'maxPool':
    case 'averagePool':
      return windowSettings(operation.size, operation.strides);
    case 'dense':
      return [count('units', operation.units)];
    case 'batchNorm':
      return [
        { name: 'epsilon', good: operation.epsilon > 0 && operation.epsilon < 1, rule: 'between 0 and 1' },
        {
          name: 'momentum',
          good: operation.momentum >= 0 && operation.momentum < 1,
          rule: 'from 0 to below 1',
        },
      ];
    case 'dropout':
      return [{ name: 'rate', good: operation.rate >= 0 && operation.rate < 1, rule: 'from 0 to below 1' }];
    case 'reshape':
      return [
        {
          name: 'shape',
          good: operation.shape.length > 0 && operation.shape.every(isCount),
          rule: 'a list of positive whole numbers',
        },
      ];
    case 'resize':
      return [{ name: 'size', good: operation.size.every(isCount), rule: 'two positive whole numbers' }];
    case 'gate':
      return [
        count('experts', operation.experts),
        { name: 'temperature', good: operation.temperature > 0, rule: 'above 0' },
        {
          name: 'annealingSteps',
          good: operation.annealingSteps === null || operation.annealingSteps >= 1,
          rule: 'from 1, or null',
        },
      ];
    case 'dataConsistency':
      return [
        {
          name: 'columns',
          good: operation.columns.length > 0 && operation.columns.every((one) => one === 0 || one === 1),
          rule: 'a list of zeros and ones',
        },
      ];
    case 'activation':
    case 'globalAveragePool':
    case 'flatten':
    case 'add':
    case 'concat':
    case 'ctcWords':
      return [];
  }
}

function windowSettings(size: readonly number[], strides: readonly number[]): Setting[] {
  const rule = 'two positive whole numbers';
  return [
    { name: 'size', good: size.length === 2 && size.every(isCount), rule },
    { name: 'strides', good: strides.length === 2 && strides.every(isCount), rule },
  ];
}

function isPadding(padding: Extract<LayerOperation, { kind: 'conv2d' }>['padding']): boolean {
  if (typeof padding === 'string') return true;
  return padding.every((size) => size === 0 || isCount(size));
}

function count(name: string, value: number): Setting {
  return { name, good: isCount(value), rule: 'a positive whole number up to a million' };
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= LARGEST_COUNT;
}
