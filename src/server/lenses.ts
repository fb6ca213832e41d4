import type { CodeLens } from 'vscode-languageserver/node';
import type { Block } from '../config/language/types.ts';
import { LENS_COMMANDS } from '../protocol/lsp.ts';
import { runText } from '../protocol/run-text.ts';
import type { RunRecord, RunStatus } from '../protocol/records.ts';

/** The newest run of a config. */
export interface LastRun {
  readonly record: RunRecord;
  /** What is true now, not what a dead engine wrote last. */
  readonly status: RunStatus;
}

const LAST_RESULT_CHARACTERS = 80;

/** `Run · Check · Panel · last result` above the first line. */
export function documentLenses(uri: string, blocks: readonly Block[], last: LastRun | null): CodeLens[] {
  const document = blocks.find(({ path }) => path === 'document');
  if (document === undefined) return [];
  const lens = (title: string, command: string): CodeLens => ({
    range: document.range,
    command: { title, command, arguments: [uri] },
  });
  const lenses = [
    lens('$(play) Run', LENS_COMMANDS.run),
    lens('$(checklist) Check', LENS_COMMANDS.check),
    lens('$(graph-line) Panel', LENS_COMMANDS.panel),
  ];
  return last === null ? lenses : [...lenses, lens(lastTitle(last), LENS_COMMANDS.panel)];
}

/** One line, without the `$(…)` that the editor would draw as an icon. */
function lastTitle({ record, status }: LastRun): string {
  const text = `Last: ${runText(record, status)}`.replaceAll('$(', '$ (').replace(/\s+/g, ' ');
  return text.length <= LAST_RESULT_CHARACTERS ? text : `${text.slice(0, LAST_RESULT_CHARACTERS - 1)}…`;
}
