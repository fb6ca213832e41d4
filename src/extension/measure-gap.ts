import { join } from 'node:path';
import * as vscode from 'vscode';
import { findNode } from '../runs/index.ts';
import { runTool } from './run-tool.ts';
import { setting } from './settings.ts';
import { toolProblem } from './tool-problem.ts';
import { requireTrust } from './trust.ts';

/** Large models on many samples take minutes on a processor. */
const LONGEST_MILLISECONDS = 600_000;

/**
 * Measures the gap between a student of a run and its teachers, `kd gap`; the report lies in the run afterwards.
 * @param student null: the one that the run is about
 * @throws UserError what the tool said
 */
export async function measureGap(
  run: string,
  student: string | null,
  extensionPath: string,
  log: Pick<vscode.LogOutputChannel, 'info'>,
): Promise<void> {
  requireTrust('The gap is measured');
  const node = await findNode({ configured: setting('nodePath') });
  const progress = { location: vscode.ProgressLocation.Window, title: 'KD: comparing teacher and student' };
  const parameters = ['gap', run, ...(student === null ? [] : ['--model', student]), '--json'];
  const said: string[] = [];
  const { answer } = await vscode.window.withProgress(progress, () =>
    runTool(
      node,
      join(extensionPath, 'dist', 'kd.cjs'),
      parameters,
      (line) => {
        said.push(line);
        log.info(line);
      },
      LONGEST_MILLISECONDS,
    ),
  );
  if (answer === '') throw toolProblem(said, 'measuring the gap');
}
