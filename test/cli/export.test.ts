import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExportReport } from '../../src/protocol/export.ts';
import { readSafetensors } from '../../src/runs/safetensors.ts';
import { bundleProduct } from '../process/build.ts';
import { until } from '../process/harness.ts';
import { jsonLines, Workplace } from './kd-process.ts';

/** A student with an adapter in training, a convolution and batch norms: all that must go and all that must stay. */
const CONFIG = `name: Exported
data:
  format: idx
  train: { inputs: data/train-images, labels: data/train-labels }
  test: { inputs: data/test-images, labels: data/test-labels }
  validation: { fraction: 0.3 }
models:
  teacher: { architecture: { convnet: { filters: [6, 6], hidden: [8] } }, train: { epochs: 1 } }
  student: { architecture: { convnet: { filters: [4, 4], hidden: [8] } } }
distill:
  match:
    - kd: { temperature: 4 }
    - fitnet: { pairs: [[stage2, stage2]] }
train: { epochs: 2, batchSize: 10, seed: 7 }
compare: { seeds: [2, 9], baseline: false }
engine: { device: cpu, threads: 1 }
`;

const NETWORKS_OF_IMAGES = `  teacher: { architecture: { dccnn: { cascades: 2, depth: 2, filters: 4 } }, train: { epochs: 1 } }
  student: { architecture: { dccnn: { cascades: 1, depth: 2, filters: 2 } } }
`;

let bundles = '';
let place: Workplace;
beforeAll(async () => {
  bundles = await bundleProduct();
  place = new Workplace(bundles);
  place.write('exported.kd.yaml', CONFIG);
  const { code, stderr, stdout } = await place.kd(['run', 'exported.kd.yaml', '--set', 'train.epochs=2']);
  expect({ code, stderr, stdout: code === 0 ? '' : stdout }).toMatchObject({ code: 0, stdout: '' });
});
afterAll(async () => {
  await place.dispose();
  rmSync(bundles, { recursive: true, force: true });
});

async function exported(...options: string[]): Promise<ExportReport> {
  const { code, stdout, stderr } = await place.kd(['export', 'latest', ...options, '--json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return jsonLines(stdout)[0] as unknown as ExportReport;
}

describe('kd export', () => {
  it('writes the student alone as ONNX that any runtime takes, with parity over the validation split and a card', async () => {
    const { id } = place.store.open('latest');
    const report = await exported('--format', 'onnx', '--batch', '5');
    expect(report).toMatchObject({ run: id, model: 'student-2', format: 'onnx' });
    expect(report.file).toBe(join(place.folder, `${id}-student-2.onnx`));
    expect(report.parity).toMatchObject({ samples: 18, accuracyDifference: 0 });
    expect(report.parity?.largestDifference).toBeLessThan(1e-4 * (report.parity?.largestOutput ?? 0));
    expect(report.parity?.largestOutput).toBeGreaterThan(0);
    const bytes = readFileSync(report.file);
    // The names stand in the file as they are: nothing of the terms, nothing that only ONNX Runtime knows.
    const text = bytes.toString('latin1');
    expect(text).toMatch(/stage2\b/);
    expect(text).not.toMatch(/term:|fitnet|com\.microsoft/);
    const session = await InferenceSession.create(bytes);
    expect([session.inputNames, session.outputNames]).toEqual([['images'], ['logits']]);
    const images = new Tensor('float32', new Float32Array(5 * 8 * 8), [5, 8, 8, 1]);
    const { logits } = await session.run({ images });
    expect(logits?.dims).toEqual([5, 3]);
    const card = readFileSync(report.card, 'utf8');
    for (const fact of [
      id,
      'seed 2',
      'taught by teacher',
      'kd, fitnet',
      'largest difference',
      'data SHA-256',
      'deviation',
    ])
      expect(card).toContain(fact);
    expect(card).toMatch(/accuracy \d+\.\d\d %, difference 0\.00 points/);
    await session.release();
  });

  it('writes the same weights as safetensors', async () => {
    const report = await exported(
      '--format',
      'safetensors',
      '--model',
      'student-9',
      '--out',
      'weights/s9.safetensors',
    );
    expect(report).toMatchObject({ model: 'student-9', parity: null });
    const kept = place.store.open('latest').model('student-9');
    expect(readSafetensors(join(place.folder, 'weights', 's9.safetensors'))).toEqual(kept);
    expect(Object.keys(kept).some((name) => name.startsWith('term:'))).toBe(false);
    expect(readFileSync(report.card, 'utf8')).toContain('the same weights, bit for bit');
  });

  it('writes the best weights so far of a student that has not finished training', async () => {
    const long = ['--set', 'train.epochs=100000', '--set', 'compare.seeds=[4]'];
    const { ended } = place.start(['run', 'exported.kd.yaml', ...long]);
    await until('a student that was validated', () => {
      const [newest] = place.store.list();
      const records = newest?.status === 'running' ? newest.run.metrics() : [];
      return records.some(({ phase, split }) => phase === 'student' && split === 'validation');
    });
    const run = place.store.open('latest');
    await place.kd(['stop', run.id]);
    expect((await ended).code).toBe(3);
    const [best] = run.bestSoFar();
    expect(best).toMatchObject({ model: 'student-4', phase: 'student' });
    expect((await place.kd(['show', run.id])).stdout).toContain('student-4 in training: best so far');
    const report = await exported('--format', 'onnx', '--out', 'so-far.onnx');
    expect(report).toMatchObject({ run: run.id, model: 'student-4', bestEpoch: best?.epoch });
    expect(report.parity).toMatchObject({ samples: 18, accuracyDifference: 0 });
    expect(report.parity?.accuracy).toBe(best?.values['accuracy']);
    expect(readFileSync(report.file).toString('latin1')).not.toMatch(/term:|fitnet/);
    const card = readFileSync(report.card, 'utf8');
    expect(card).toContain('has not finished training');
    expect(card).toContain('the test split has not been read');
    expect((await place.kd(['rm', run.id])).code).toBe(0);
  });

  it('writes every record as CSV and as JSON', async () => {
    const run = place.store.open('latest');
    const csv = await exported('--format', 'csv', '--out', 'all.csv');
    const lines = readFileSync(csv.file, 'utf8').trimEnd().split('\r\n');
    expect(lines[0]).toMatch(/^seq,time,phase,seed,epoch,step,split,accuracy,/);
    expect(lines).toHaveLength(1 + run.metrics().length);
    const json = await exported('--format', 'json');
    const text = readFileSync(json.file, 'utf8');
    const all = JSON.parse(text) as Record<string, unknown>;
    expect(all).toMatchObject({
      run: { id: run.id, status: 'completed' },
      metrics: run.metrics(),
      gap: run.gap(),
      similarity: run.similarity(),
      attention: run.attention(),
      layers: run.layers(),
    });
    expect(run.attention().length).toBeGreaterThan(0);
    expect(text).not.toContain('token');
  });

  it('says what is wrong, and leaves nothing behind', async () => {
    const unknown = await place.kd(['export', 'latest', '--format', 'onnx', '--model', 'nobody']);
    expect(unknown).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/KD5010 .*student-9/s) as string,
    });
    expect(existsSync(join(place.folder, 'nobody.onnx'))).toBe(false);
    expect((await place.kd(['export', 'latest', '--format', 'tflite'])).code).toBe(2);
    expect((await place.kd(['export', 'latest', '--format', 'onnx', '--batch', '0'])).code).toBe(2);
  });

  it('writes a quantised student in whole numbers, and attention as plain kernels', async () => {
    place.write(
      'coded.kd.yaml',
      CONFIG.replace(
        'student: { architecture: { convnet: { filters: [4, 4], hidden: [8] } } }',
        `student: { architecture: { convnet: { filters: [4, 4], hidden: [8] } }, modules: [
            { vam: { at: [stage2], groups: 2 } }, { quantize: { bits: 2, activationBits: 4 } }] }`,
      ),
    );
    const { code, stderr } = await place.kd(['run', 'coded.kd.yaml', '--set', 'compare.seeds=[2]']);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const report = await exported('--format', 'onnx', '--out', 'coded.onnx');
    expect(report.parity).toMatchObject({ samples: 18, accuracyDifference: 0 });
    expect(report.parity?.largestDifference).toBeLessThan(1e-4 * (report.parity?.largestOutput ?? 0));
    const bytes = readFileSync(report.file);
    const text = bytes.toString('latin1');
    expect(text.match(/DequantizeLinear_\d/g)).toHaveLength(2);
    expect(text).toContain('stage2.conv/kernel/codes');
    expect(text).not.toContain('attention');
    const session = await InferenceSession.create(bytes);
    expect(session.inputNames).toEqual(['images']);
    await session.release();
  });

  it('writes a model that answers with images, and says what it reads and how good they are', async () => {
    const config = CONFIG.replace(/  teacher:.*\n  student:.*\n/, NETWORKS_OF_IMAGES).replace(
      /  match:\n.*\n.*\n/,
      '  match: [{ logitsL1: {} }]\n  hardLabelWeight: 1\n',
    );
    place.write('images.kd.yaml', `task: reconstruction\n${config}`);
    const dry = await place.kd(['dry-run', 'images.kd.yaml']);
    expect(dry.stdout).toMatch(/images: \d/);
    const { code, stderr, stdout } = await place.kd(['run', 'images.kd.yaml', '--set', 'compare.seeds=[2]']);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(/validation psnr \d+\.\d\d dB/);
    expect(stdout).toMatch(/test PSNR/);
    const report = await exported('--format', 'onnx', '--out', 'images.onnx', '--batch', '3');
    expect(report.parity).toMatchObject({ samples: 18, accuracy: null });
    expect(report.parity?.largestDifference).toBeLessThan(1e-4 * (report.parity?.largestOutput ?? 0));
    const student = place.store.open('latest').record().results?.phases.at(-1);
    expect(report.parity?.psnr).toBeCloseTo(Number(student?.validation['psnr']), 2);
    const card = readFileSync(report.card, 'utf8');
    expect(card).toContain('output `logits`: the image, 8 x 8 x 1 (height, width, channels)');
    expect(card).toMatch(
      /these columns of the spectrum were measured, and all others are zero: 0, .* of 0 to 7/,
    );
    expect(card).toMatch(/PSNR \d+\.\d\d dB, difference -?0\.00 dB/);
    const session = await InferenceSession.create(readFileSync(report.file));
    const images = new Tensor('float32', new Float32Array(3 * 8 * 8), [3, 8, 8, 1]);
    expect((await session.run({ images }))['logits']?.dims).toEqual([3, 64]);
    await session.release();
    const gap = await place.kd(['gap', 'latest']);
    expect(gap).toMatchObject({ code: 1, stderr: expect.stringMatching(/KD5041 .*images/s) as string });
  });
});
