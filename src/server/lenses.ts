import type { CodeLens } from 'vscode-languageserver/node';
import type { Block } from '../config/language/types.ts';
import { LENS_COMMANDS, type TrainTeacherArgument } from '../protocol/lsp.ts';
import { runText } from '../protocol/run-text.ts';
import type { NewestRun } from './newest-run.ts';

/** The newest run of a config. */
type LastRun = Pick<NewestRun, 'record' | 'status'>;

const LAST_RESULT_CHARACTERS = 80;

/** `Run · Queue · Dry run · Check · Panel · Effective · last result` above the first line, and what fits a block above that block. */
export function codeLenses(uri: string, blocks: readonly Block[], last: LastRun | null): CodeLens[] {
  return blocks.flatMap((block) => {
    const lens = (title: string, command: string, argument: unknown = uri): CodeLens => ({
      range: block.range,
      command: { title, command, arguments: [argument] },
    });
    switch (block.kind) {
      case 'document':
        return [
          lens('$(play) Run', LENS_COMMANDS.run),
          lens('$(list-ordered) Queue', LENS_COMMANDS.queue),
          lens('$(beaker) Dry run', LENS_COMMANDS.dryRun),
          lens('$(checklist) Check', LENS_COMMANDS.check),
          lens('$(graph-line) Panel', LENS_COMMANDS.panel),
          lens('$(diff) Effective', LENS_COMMANDS.effective),
          ...(last === null ? [] : [lens(lastTitle(last), LENS_COMMANDS.panel)]),
        ];
      case 'teacher': {
        const argument: TrainTeacherArgument = { uri, model: block.name };
        return [lens('$(mortar-board) Train only this teacher', LENS_COMMANDS.trainTeacher, argument)];
      }
      case 'match':
        return [lens('$(link) Suggest a pair', LENS_COMMANDS.suggestPair)];
      case 'block':
        return [];
    }
  });
}

/** One line, without the `$(…)` that the editor would draw as an icon. */
function lastTitle({ record, status }: LastRun): string {
  const text = `Last: ${runText(record, status)}`.replaceAll('$(', '$ (').replace(/\s+/g, ' ');
  return text.length <= LAST_RESULT_CHARACTERS ? text : `${text.slice(0, LAST_RESULT_CHARACTERS - 1)}…`;
}
