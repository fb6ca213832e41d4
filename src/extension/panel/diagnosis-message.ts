import * as vscode from 'vscode';
import { diagnose, RULES, titleOf } from '../../diagnosis/index.ts';
import { evidenceOf } from '../../diagnosis/of-run.ts';
import { UserError } from '../../protocol/errors.ts';
import type { HostMessage } from '../../protocol/panel.ts';
import type { RunDirectory } from '../../runs/directory.ts';
import { editExperiment } from './edit-experiment.ts';

/** What the rules say of a run as it is now. */
export function diagnosisMessage(run: RunDirectory): HostMessage {
  const translations = vscode.l10n.bundle ?? {};
  const { findings, unable } = diagnose(run.id, evidenceOf(run), translations);
  return {
    type: 'diagnosis',
    run: run.path,
    diagnosis: {
      findings: findings.map((finding) => ({
        ...finding,
        title: titleOf(finding.rule, translations),
        changes: finding.changes.map(({ title, value }) => ({ title, value })),
      })),
      unable: unable.map(({ rule, why }) => ({ rule: titleOf(rule, translations), why })),
      quiet: RULES.length - findings.length - unable.length,
    },
  };
}

/**
 * Writes a change that a rule proposes into the experiment file: the rule is asked anew, so nothing of the page is written.
 * Returns what was done, for the person.
 *
 * @throws UserError KD5001 where the rule no longer proposes it; KD5106, KD2060
 */
export async function applyProposed(run: RunDirectory, rule: string, change: number): Promise<string> {
  const { findings } = diagnose(run.id, evidenceOf(run));
  const proposed = findings.find((finding) => finding.rule === rule)?.changes[change];
  if (proposed === undefined) {
    throw new UserError({
      code: 'KD5001',
      message: vscode.l10n.t('the run has gone on, and this is no longer proposed'),
      help: vscode.l10n.t('look at the diagnosis again'),
    });
  }
  const { path, value } = proposed;
  const file = await editExperiment(run.record().config, async (text) => {
    const { setValue } = await import('../../config/set-value.ts');
    return [setValue(text, path, value)];
  });
  return vscode.l10n.t('{0}: {1} written into {2}; not saved yet', path.join('.'), value, file);
}
