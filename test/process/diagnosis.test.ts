import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Diagnosis } from '../../src/protocol/diagnosis.ts';
import { Workplace } from '../cli/kd-process.ts';
import { bundleProduct } from './build.ts';

/** Digits, with a teacher that has learned them. */
const config = (temperature: number, gap: boolean) => `name: Digits
data:
  format: idx
  train: { inputs: digits/train-images-idx3-ubyte.gz, labels: digits/train-labels-idx1-ubyte.gz }
  test: { inputs: digits/t10k-images-idx3-ubyte.gz, labels: digits/t10k-labels-idx1-ubyte.gz }
  limit: { train: 1000, test: 200 }
models:
  teacher: { architecture: { convnet: { filters: [8, 16], hidden: [32] } }, train: { epochs: 5 } }
  student: { architecture: { mlp: { hidden: [16] } } }
distill:
  match: [{ kd: { temperature: ${temperature} } }]
train: { epochs: 2, batchSize: 32, optimizer: { adam: { learningRate: 3.0e-3 } } }
compare: { seeds: [1] }
measure: { gap: ${gap}, similarity: false }
engine: { device: cpu, threads: 1 }
`;

let bundles = '';
let place: Workplace;
beforeAll(async () => {
  bundles = await bundleProduct();
  place = new Workplace(bundles);
  cpSync(join('media', 'sample', 'data'), join(place.folder, 'digits'), { recursive: true });
});
afterAll(async () => {
  await place.dispose();
  rmSync(bundles, { recursive: true, force: true });
});

async function kd(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await place.kd(args);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

async function run(temperature: number, gap = true): Promise<void> {
  writeFileSync(join(place.folder, 'digits.kd.yaml'), config(temperature, gap));
  await kd('run', 'digits.kd.yaml');
}

async function aboutSoftness() {
  const { findings, unable } = JSON.parse(await kd('diagnose', 'latest', '--json')) as Diagnosis;
  const own = ({ rule }: { readonly rule: string }) => rule === 'overSoftened';
  return { finding: findings.find(own), unable: unable.find(own)?.why };
}

describe('targets that are softened too much', () => {
  it('are found in a run at an absurd temperature, with a temperature that leaves something to learn', async () => {
    await run(300);
    const { finding } = await aboutSoftness();
    const [change] = finding?.changes ?? [];
    expect(finding?.evidence[0]).toEqual({ what: 'temperature of "kd"', value: '300' });
    expect(finding?.evidence[1]?.value).toMatch(/^99\.\d{3} %$|^100\.000 %$/u);
    expect(change?.path).toEqual(['distill', 'match', 0, 'kd', 'temperature']);
    expect(Number(change?.value)).toBeGreaterThanOrEqual(1);
    expect(Number(change?.value)).toBeLessThan(20);
  });

  it('are not seen at a usual temperature', async () => {
    await run(4);
    expect(await aboutSoftness()).toEqual({ finding: undefined, unable: undefined });
  });

  it('are seen once `kd gap` has measured a run that recorded no gap', async () => {
    await run(300, false);
    expect(await aboutSoftness()).toEqual({
      finding: undefined,
      unable: 'how soft the targets are was not recorded',
    });
    expect(await kd('gap', 'latest')).toMatch(
      /^targets at temperature 300 +entropy 100\.0 % of its largest; \d/mu,
    );
    expect((await aboutSoftness()).finding?.rule).toBe('overSoftened');
  });
});
