import { loadExperiment } from '../../config/load.ts';
import { findRoot } from '../../config/root.ts';
import { UserError } from '../../protocol/errors.ts';

/**
 * What changes a config into one that trains a teacher of it and nothing else, as `--set` takes it. Throws KD5121 where the config
 * trains no such model first.
 *
 * @param model null: the first teacher that is trained
 */
export function onlyTeacher(
  file: string,
  model: string | null,
  workspaceFolders: readonly string[],
): readonly string[] {
  const { experiment } = loadExperiment({ file, root: findRoot(file, workspaceFolders) });
  const phase = experiment?.phases.find(
    ({ loss, perSeed, train: [first] }) =>
      loss === 'task' && !perSeed && (model === null || first?.model === model),
  );
  if (phase === undefined) {
    throw new UserError({
      code: 'KD5121',
      message: `this experiment trains no ${model === null ? 'teacher' : `"${model}"`} first`,
      help: 'its problems, if it has any, stand in the Problems view',
      file,
    });
  }
  const name = model ?? phase.train[0]?.model ?? '';
  return [
    `phases=[{ name: ${name}, train: [${name}], loss: task, seeds: once, epochs: ${phase.epochs} }]`,
    'compare.baseline=false',
  ];
}
