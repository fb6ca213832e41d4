import type { Phase, TrainedInstance } from './phase.ts';
import type { SchemeContext } from './scheme.ts';

/** Trains each model that has no weights yet, by hard labels and its own settings, once. */
export function trainFirst(
  models: readonly string[],
  { ownEpochs }: Pick<SchemeContext, 'ownEpochs'>,
): readonly Phase[] {
  return models.flatMap((model) => {
    const epochs = ownEpochs(model);
    return epochs === null
      ? []
      : [
          {
            name: model,
            train: [{ instance: model, model }],
            freeze: [],
            loss: 'task',
            epochs,
            settingsOf: { model },
            perSeed: false,
          },
        ];
  });
}

/** A phase of the student under every seed, with the experiment's settings. */
export function taught(
  context: Pick<SchemeContext, 'to' | 'epochs'>,
  phase: Partial<Phase>,
  student: Partial<TrainedInstance> = {},
): Phase {
  const { to, epochs } = context;
  return {
    name: to,
    train: [{ instance: to, model: to, ...student }],
    freeze: [],
    loss: 'distill',
    epochs,
    settingsOf: { experiment: true },
    perSeed: true,
    ...phase,
  };
}

/** The same student with the same budget and hard labels alone, where it is wanted. */
export function baselineOf(
  context: Pick<SchemeContext, 'to' | 'epochs' | 'baseline'>,
  epochs = context.epochs,
): readonly Phase[] {
  if (!context.baseline) return [];
  const alone = taught({ ...context, epochs }, { name: 'baseline', loss: 'task' });
  return [{ ...alone, train: [{ instance: 'baseline', model: context.to }] }];
}
