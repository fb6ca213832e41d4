import { comparedRows } from './compared.mjs';
import { contest, timeOf } from './contest.mjs';
import { peakRate } from './peak.mjs';
import { row } from './rows.mjs';
import { TARGETS } from './targets.mjs';
import { BATCHES, NETWORKS, prepareWorkload, stepMultiplyAdds } from './workloads.mjs';

/** Supervised training steps: SGD with momentum on 32x32x3 images in 100 classes, one batch that stays in memory. */
export const TASKS = NETWORKS.flatMap((network) =>
  BATCHES.map((batch) => {
    const name = `${network}/${batch}`;
    const prefixes = ['step', 'memory', 'first-step', 'peak-share'];
    return {
      names: prefixes.map((prefix) => `${prefix}/${name}`),
      measure: (context) => measure(name, network, batch, context),
    };
  }),
);

async function measure(name, network, batch, context) {
  const student = { name: network, settings: {} };
  const folder = await prepareWorkload(`step/${name}`, { kind: 'step', batch, student });
  const convolutional = network !== 'mlp';
  const result = await contest({
    name: `step/${name}`,
    ours: folder,
    kind: 'step',
    convolutional,
    ...context,
  });
  const compared = comparedRows(name, result, [
    { prefix: 'step', unit: 'ms', value: timeOf, targets: TARGETS.step },
    { prefix: 'memory', unit: 'MB', value: (one) => one.residentMegabytes, targets: TARGETS.memory },
    { prefix: 'first-step', unit: 's', value: (one) => one.firstStepSeconds, targets: TARGETS.firstStep },
  ]);
  const work = stepMultiplyAdds(folder);
  for (const [executor, outcomes] of result.ours) {
    const peak = await peakRate(executor);
    const shares = outcomes.map((one) => (work / (timeOf(one) / 1000) / peak) * 100);
    compared.rows.push(row({ name: `peak-share/${name}/${executor}`, unit: '%', target: null }, shares));
  }
  return compared;
}
