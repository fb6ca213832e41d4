import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SAMPLE_DATA = join('media', 'sample', 'data');

/** A whole experiment on the shipped digits, three seeds, in about half a minute: long enough to be watched. */
const CONFIG = `name: Digits in half a minute
task: classification
data:
  format: idx
  train: { inputs: data/train-images-idx3-ubyte.gz, labels: data/train-labels-idx1-ubyte.gz }
  test: { inputs: data/t10k-images-idx3-ubyte.gz, labels: data/t10k-labels-idx1-ubyte.gz }
  validation: { fraction: 0.1 }
models:
  teacher: { architecture: convnet, train: { epochs: 2 } }
  student: { architecture: mlp }
distill:
  scheme: offline
  match:
    - kd:
        temperature: 4
        weight: 0.9
  hardLabelWeight: 0.1
train:
  epochs: 6
  batchSize: 64
  optimizer: { sgd: { learningRate: 0.05, momentum: 0.9 } }
  seed: 1
compare: { baseline: true, seeds: [1, 2, 3] }
`;

/** One-based line of the first line that holds a text, for `Workbench.goTo`. */
export function lineOf(text: string): number {
  return CONFIG.split('\n').findIndex((line) => line.includes(text)) + 1;
}

/** Writes the experiment and its data into a folder, and returns the name of the config. */
export function writeExperiment(folder: string): string {
  cpSync(SAMPLE_DATA, join(folder, 'data'), { recursive: true });
  writeFileSync(join(folder, 'digits.kd.yaml'), CONFIG);
  return 'digits.kd.yaml';
}

/** What the run directories of a workspace say, as a program would read them; empty before the first run. */
export function runRecords(folder: string): { directory: string; status: string; pid: number | undefined }[] {
  return runDirectories(folder).map((directory) => {
    const record = JSON.parse(readFileSync(join(directory, 'run.json'), 'utf8')) as {
      status: string;
      process?: { pid: number };
    };
    return { directory, status: record.status, pid: record.process?.pid };
  });
}

function runDirectories(folder: string): string[] {
  const runs = join(folder, '.kd', 'runs');
  try {
    return readdirSync(runs, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(runs, entry.name));
  } catch {
    return [];
  }
}
