import * as vscode from 'vscode';
import type { LayerPairNames } from '../../protocol/records.ts';
import { editExperiment } from './edit-experiment.ts';

/**
 * Writes pairs of layers into an experiment file. Returns what was done, for the person.
 *
 * @throws UserError KD5106, KD2060
 */
export async function insertPairsInto(config: string, pairs: readonly LayerPairNames[]): Promise<string> {
  const file = await editExperiment(config, async (text) => {
    const { insertPairs } = await import('../../config/edits.ts');
    return insertPairs(text, pairs);
  });
  const names = pairs.map(({ teacher, student }) => `${teacher} → ${student}`).join(', ');
  return vscode.l10n.t('{0} inserted into {1}; not saved yet', names, file);
}
