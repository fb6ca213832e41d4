import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { beforeAll, describe as group, expect, it } from 'vitest';
import { forward } from '../../src/models/build.ts';
import { checkGraph } from '../../src/models/check.ts';
import { dataConsistency } from '../../src/models/data-consistency.ts';
import { describe } from '../../src/models/describe.ts';
import type { ModelGraph } from '../../src/models/description.ts';
import { initialParameters } from '../../src/models/initialize.ts';
import { parameterSpecs } from '../../src/models/parameters.ts';
import { withTails } from '../../src/models/tails.ts';
import { modelAsText } from '../../src/models/text.ts';
import { buildArchitecture } from '../../src/models/zoo/zoo.ts';
import { normal, randomStream } from '../../src/random/random.ts';
import { keptColumns, type Undersampling } from '../../src/random/undersampling.ts';
import { problemOf } from './problem-of.ts';

const FOURFOLD: Undersampling = { acceleration: 4, centre: 0.08, seed: 0 };
const build = (name: string, settings: Readonly<Record<string, unknown>> = {}, shape = [9, 8, 1]) =>
  buildArchitecture(name, shape, 10, settings, FOURFOLD);

beforeAll(async () => {
  await tf.setBackend('cpu');
});

function drawn(shape: readonly number[], name: string): Float32Array {
  const size = shape.reduce((product, axis) => product * axis, 1);
  return normal(randomStream(3, name), 0, new Float32Array(size));
}

function parametersOf(graph: ModelGraph): Record<string, tf.Tensor> {
  const values = initialParameters(graph, 1, 'test');
  return Object.fromEntries(
    parameterSpecs(graph).map((spec) => [spec.name, tf.tensor(values[spec.name] ?? [], [...spec.shape])]),
  );
}

/** DF(x̂) of one row by complex numbers: measured columns from x, all others from x̂. */
function byTransform(row: readonly number[], truth: readonly number[], columns: readonly number[]): number[] {
  const width = row.length;
  const spectrumOf = (of: readonly number[]) =>
    Array.from({ length: width }, (_, k) =>
      of.reduce<readonly [number, number]>(
        ([real, imaginary], x, n) => {
          const angle = (2 * Math.PI * k * n) / width;
          return [real + x * Math.cos(angle), imaginary - x * Math.sin(angle)];
        },
        [0, 0],
      ),
    );
  const [said, measured] = [spectrumOf(row), spectrumOf(truth)];
  return row.map((_, n) => {
    const sum = columns.reduce((total, m, k) => {
      const [real, imaginary] = (m === 1 ? measured[k] : said[k]) ?? [NaN, NaN];
      const angle = (2 * Math.PI * k * n) / width;
      return total + real * Math.cos(angle) - imaginary * Math.sin(angle);
    }, 0);
    return sum / width;
  });
}

group('data consistency', () => {
  const columns = keptColumns(8, FOURFOLD);

  it.each([1, 2])('puts back what was measured, as complex numbers would, on %d channels', (channels) => {
    const shape = [2, 3, 8, channels] as const;
    const [said, truth] = [drawn(shape, 'said'), drawn(shape, 'truth')];
    const rowsOf = (values: Float32Array, row: number, c: number) =>
      Array.from({ length: 8 }, (_, x) => values[(row * 8 + x) * channels + c] ?? NaN);
    const poor = new Float32Array(truth.length);
    const wanted = new Float32Array(truth.length);
    for (let row = 0; row < 6; row++) {
      for (let c = 0; c < channels; c++) {
        const zeros = new Array<number>(8).fill(0);
        byTransform(zeros, rowsOf(truth, row, c), columns).forEach((value, x) => {
          poor[(row * 8 + x) * channels + c] = value;
        });
        byTransform(rowsOf(said, row, c), rowsOf(truth, row, c), columns).forEach((value, x) => {
          wanted[(row * 8 + x) * channels + c] = value;
        });
      }
    }
    const got = tf.tidy(() =>
      dataConsistency(tf, tf.tensor4d(said, [...shape]), tf.tensor4d(poor, [...shape]), columns).dataSync(),
    );
    wanted.forEach((value, at) => {
      expect(got[at]).toBeCloseTo(value, 5);
    });
  });

  it('lets a gradient through where nothing was measured, as difference quotients have it', () => {
    const shape: [number, number, number, number] = [1, 2, 8, 1];
    const [said, poor, weights] = ['said', 'poor', 'weights'].map((name) => drawn(shape, name));
    const loss = (x: tf.Tensor4D) =>
      tf.sum<tf.Scalar>(
        tf.mul(
          tf.square(dataConsistency(tf, x, tf.tensor4d(poor ?? [], shape), columns)),
          tf.tensor4d(weights ?? [], shape),
        ),
      );
    const x = tf.tensor4d(said ?? [], shape);
    const slopes = tf
      .grad((one: tf.Tensor) => loss(one as tf.Tensor4D))(x)
      .dataSync();
    for (const at of [0, 5, 11]) {
      const moved = (by: number) => {
        const values = Float32Array.from(said ?? []);
        values[at] = (values[at] ?? 0) + by;
        return loss(tf.tensor4d(values, shape)).dataSync()[0] ?? NaN;
      };
      expect(slopes[at]).toBeCloseTo((moved(0.01) - moved(-0.01)) / 0.02, 2);
    }
  });
});

group('a deep cascade of convolutional networks', () => {
  it.each([
    ['dccnn-d5c5', 141_765],
    ['dccnn-d3c5', 49_285],
  ])('%s has as many parameters as the code of the paper', (name, parameters) => {
    expect(describe(build(name, {}, [150, 150, 1])).parameters).toBe(parameters);
  });

  it.each([[[9, 8, 1]], [[5, 12, 3]], [[1, 1, 1]]])('is well formed for images of %j', (shape) => {
    const graph = build('dccnn', { cascades: 2, depth: 2, filters: 3 }, shape);
    expect(checkGraph(graph)).toEqual([]);
    expect(graph.reconstructs).toEqual(shape);
    expect(describe(graph).classes).toBe(shape.reduce((product, side) => product * side, 1));
    const [height = 1, width = 1, channels = 1] = shape;
    tf.tidy(() => {
      const images = tf.tensor4d(drawn([2, ...shape], 'images'), [2, height, width, channels]);
      const said = forward(tf, graph, parametersOf(graph), images, { training: false, wanted: ['cascade1'] });
      expect(said.logits.shape).toEqual([2, height * width * channels]);
      expect(said.outputs['cascade1']?.shape).toEqual([2, ...shape]);
    });
  });

  it('says in words that it answers with images', () => {
    expect(modelAsText(build('dccnn-d3c5'))).toContain('9x8x1 -> images of 9x8x1');
  });

  it('never changes what was measured, where a column is measured with its mirror image', () => {
    const both: Undersampling = { acceleration: 100, centre: 0.4, seed: 0 };
    const settings = { cascades: 2, depth: 2, filters: 3 };
    const graph = buildArchitecture('dccnn', [9, 8, 1], 10, settings, both);
    const truth = drawn([1, 9, 8, 1], 'truth');
    const columns = keptColumns(8, both);
    expect(columns).toEqual([1, 1, 0, 0, 0, 0, 0, 1]);
    const rows = (values: ArrayLike<number>, row: number) =>
      Array.from({ length: 8 }, (_, x) => values[row * 8 + x] ?? NaN);
    const zeros = new Array<number>(8).fill(0);
    const poor = Array.from({ length: 9 }, (_, row) => byTransform(zeros, rows(truth, row), columns)).flat();
    const got = tf.tidy(() => {
      const images = tf.tensor4d(poor, [1, 9, 8, 1]);
      return forward(tf, graph, parametersOf(graph), images, {
        training: false,
        wanted: [],
      }).logits.dataSync();
    });
    expect(Array.from(got)).not.toEqual(poor);
    for (let row = 0; row < 9; row++) {
      byTransform(zeros, rows(got, row), columns).forEach((value, x) => {
        expect(value).toBeCloseTo(poor[row * 8 + x] ?? NaN, 4);
      });
    }
  });

  it('is refused where classes are told apart, and other networks where images are the answers', () => {
    expect(problemOf(() => buildArchitecture('dccnn', [9, 8, 1], 10))).toMatchObject({ code: 'KD2117' });
    const other = problemOf(() => build('resnet8'));
    expect(other).toMatchObject({ code: 'KD2117' });
    expect(other.help).toContain('dccnn-d3c5');
  });
});

group('tails of such a network', () => {
  const teacher = build('dccnn', { cascades: 3, depth: 3, filters: 4 });
  const student = build('dccnn', { cascades: 3, depth: 2, filters: 2 });
  const places = [
    { teacher: 'cascade1', student: 'cascade1' },
    { teacher: 'cascade2', student: 'cascade2' },
  ];

  it('go on from an image with nothing between, and read the poor image too', () => {
    const { graph, members } = withTails(teacher, student, places, true);
    expect(checkGraph(graph)).toEqual([]);
    expect(graph.layers.some(({ path }) => path.startsWith('transform'))).toBe(false);
    const inputsOf = (path: string) => graph.layers.find((layer) => layer.path === path)?.inputs;
    expect(inputsOf('tail1.cascade2.conv1')).toEqual(['cascade1.consistent']);
    expect(inputsOf('tail2.cascade3.conv1')).toEqual(['cascade2.consistent']);
    expect(inputsOf('tail1.cascade2.consistent')).toEqual(['tail1.cascade2.sum', 'input']);
    expect(members.map(({ logits }) => logits)).toEqual(['image', 'tail1.image', 'tail2.image']);
  });

  it('share one set of weights: those of the student above its first cascade', () => {
    const { graph } = withTails(teacher, student, places, true);
    const own = describe(student).layers.filter(({ path }) => /^cascade[23]/.test(path));
    const size = own.reduce((sum, { parameters }) => sum + parameters, 0);
    const trained = parameterSpecs(graph).reduce(
      (sum, { shape }) => sum + shape.reduce((product, axis) => product * axis, 1),
      0,
    );
    expect(trained).toBe(describe(teacher).parameters + size);
  });

  it('between maps of features go through a convolution', () => {
    const { graph } = withTails(
      teacher,
      student,
      [{ teacher: 'cascade1.relu1', student: 'cascade1.relu1' }],
      false,
    );
    expect(graph.layers.some(({ path }) => path === 'transform1.conv')).toBe(true);
  });

  it('are refused where the networks read images of other shapes', () => {
    const wide = build('dccnn', { cascades: 3, depth: 3, filters: 4 }, [9, 16, 1]);
    expect(() => withTails(wide, student, places, true)).toThrow(/also reads "input"/);
  });
});
