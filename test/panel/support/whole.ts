import type { AblationAnswer } from '../../../src/protocol/ablation.ts';
import type { HostMessage } from '../../../src/protocol/panel.ts';
import type { PictureRecord } from '../../../src/protocol/records.ts';
import { gapOf, sampleGap } from '../sample-gap.ts';
import { samplePictures } from '../sample-pictures.ts';
import type { SampleRun } from '../sample-run.ts';
import { compared } from './compared.ts';
import { directoryOf } from './host-messages.ts';

/** A run with something in every tab. */
export interface WholeRun {
  readonly run: SampleRun;
  readonly pictures: readonly PictureRecord[];
  /** What the host tells beside the run: report of the gap, diagnosis, ablation, table, comparison, files. */
  readonly beside: readonly HostMessage[];
}

export const VIEWS = ['Curves', 'Gap', 'Layers', 'Diagnosis', 'Verdict', 'Compare', 'Run'] as const;

export async function wholeRun(name?: string): Promise<WholeRun> {
  const told = compared(name);
  const run = directoryOf(told.run.record.id);
  const variant = (kind: 'best' | 'random' | 'none', accuracy: number) => ({
    ...{
      kind,
      file: `mnist.ablation-${kind}.kd.yaml`,
      seeds: 3,
      value: accuracy,
      status: 'completed' as const,
    },
  });
  const answer: AblationAnswer = {
    metric: { name: 'accuracy', unit: 'points', better: 'higher' },
    variants: [variant('best', 0.971), variant('random', 0.969), variant('none', 0.973)],
    differences: [{ of: 'best', to: 'none', mean: -0.2, interval: [-0.9, 0.5], level: 0.95, pairs: 3 }],
  };
  const finding = {
    ...{ rule: 'learningRateHigh', title: 'The learning rate is too high', cause: 'Steps are too long.' },
    symptom: 'The student jumps about instead of settling.',
    evidence: [{ what: 'mean jump of the validation accuracy, seed 1', value: '14.5 %' }],
    changes: [{ title: 'Lower the learning rate to 0.5', value: '0.5' }],
    source: 'Bengio 2012 (arXiv:1206.5533), section 3.1.1',
  };
  return {
    run: told.run,
    pictures: samplePictures(),
    beside: [
      gapOf(await sampleGap()),
      { type: 'diagnosis', run, diagnosis: { findings: [finding], unable: [], quiet: 10 } },
      { type: 'ablation', run, answer },
      told.table,
      told.comparison,
      told.files,
    ],
  };
}
