import { phasesOf } from '../phases/phases.ts';
import { bytesText, phaseMemory, runDisk, stepsOf, type PhaseEstimate } from '../estimate.ts';
import type { ConfigValue } from '../loose.ts';
import type { Machine } from '../machine.ts';
import { replaceFix } from '../report.ts';
import { keyPlace, nodeAt } from '../syntax/node.ts';
import type { CheckContext } from './context.ts';
import type { DataFacts } from './data.ts';
import type { ResolvedModel } from './models.ts';
import { termVariables } from './term-variables.ts';

/** Share of the memory that a proposed batch may take. */
const COMFORTABLE = 0.5;

/** Whether the machine can hold and write what a config without faults asks for. */
export function checkResources(
  value: ConfigValue,
  models: ReadonlyMap<string, ResolvedModel>,
  data: Pick<DataFacts, 'trainCount' | 'trainPerClass'> | null,
  machine: Machine,
  context: CheckContext,
): void {
  if ([...models.values()].some(({ exact }) => !exact)) return;
  const phases = phasesOf(value);
  const samples = stepsOf(data, value.data.validation.fraction, 1)?.samples ?? 0;
  checkMemory(
    phases.map((phase) => {
      const settings = settingsOf(phase.settingsOf, value);
      const own = termVariables(phase, { value, phases, models, samples, batch: settings.batchSize });
      return phaseMemory(phase, settings, models, own);
    }),
    machine,
    context,
  );
  const free = machine.freeDisk(context.root);
  const disk = runDisk(
    phases,
    value.compare.seeds?.length ?? 1,
    value.train,
    models,
    value.engine.checkpoints.keep,
  );
  if (free === null || disk <= free) return;
  context.report.add('KD2411', keyPlace(context.tree, ['compare', 'seeds']), {
    message: `the run writes about ${bytesText(disk)}, and ${bytesText(free)} are free below ${context.root}`,
    help: 'Free some space, or use fewer seeds or smaller models.',
  });
}

function settingsOf(
  source: ReturnType<typeof phasesOf>[number]['settingsOf'],
  { train, models }: ConfigValue,
) {
  return 'model' in source ? { ...train, ...models[source.model]?.train } : train;
}

function checkMemory(phases: readonly PhaseEstimate[], { memory }: Machine, context: CheckContext): void {
  const largest = phases.reduce((most, phase) => (phase.memory > most.memory ? phase : most), {
    phase: '',
    memory: 0,
    memoryPerSample: 0,
    terms: 0,
  });
  if (largest.memory <= memory) return;
  const node = nodeAt(context.tree, ['train', 'batchSize']);
  const byTerms = largest.terms > memory / 2;
  const batch = 2 ** Math.floor(Math.log2((COMFORTABLE * memory) / largest.memoryPerSample));
  const ofBatch = node?.place ?? keyPlace(context.tree, ['train']);
  context.report.add('KD2410', byTerms ? keyPlace(context.tree, ['distill', 'match']) : ofBatch, {
    message: `the phase ${largest.phase} takes about ${bytesText(largest.memory)}, and this machine has ${bytesText(memory)}`,
    help: byTerms
      ? `Terms keep ${bytesText(largest.terms)} of it, some of them a row for each sample: use fewer of those, or smaller embeddings.`
      : 'Use a smaller batch or smaller models; gradientAccumulation keeps the effective batch.',
    fixes:
      node === undefined || batch < 1 || byTerms
        ? []
        : [replaceFix(`Change to ${batch}`, node.place, String(batch))],
  });
}
