import { CodeActionKind, type CodeAction } from 'vscode-languageserver/node';
import { pathToFileURL } from 'node:url';
import type { Diagnostic, TextEdit } from '../config/diagnostic.ts';
import type { Refactoring } from '../config/language/types.ts';
import { FIX_ALL_KIND } from '../protocol/lsp.ts';
import type { Range } from '../protocol/errors.ts';
import { editsOfAllFixes, touches } from './fixes.ts';
import { toLspDiagnostic, type Own } from './translate.ts';

export interface ActionRequest extends Own {
  readonly version: number;
  readonly range: Range;
  /** Kinds the editor asks for; a kind includes those below it. Absent: all. */
  readonly only?: readonly string[];
}

/** A fix for every fault at the range, one action for all faults of the file that have a single fix, and changes that fit. */
export function codeActions(
  request: ActionRequest,
  diagnostics: readonly Diagnostic[],
  refactorings: () => readonly Refactoring[] = () => [],
): CodeAction[] {
  const here = diagnostics.filter((diagnostic) => touches(diagnostic.range, request.range));
  const all = editsOfAllFixes(diagnostics);
  const wantsRefactorings = ['refactor.rewrite', 'refactor.extract'].some((kind) =>
    isWanted(kind, request.only),
  );
  const actions = [
    ...here.flatMap((diagnostic) => quickFixes(request, diagnostic)),
    ...(all.length === 0 ? [] : [action(request, 'Fix all problems of this experiment', FIX_ALL_KIND, all)]),
    ...(wantsRefactorings ? refactorings().map((one) => refactoringAction(request, one)) : []),
  ];
  return actions.filter(({ kind }) => isWanted(kind ?? '', request.only));
}

function quickFixes(request: ActionRequest, diagnostic: Diagnostic): CodeAction[] {
  return diagnostic.fixes.map((fix, index) => ({
    ...action(request, fix.title, CodeActionKind.QuickFix, fix.edits),
    diagnostics: [toLspDiagnostic(diagnostic, request)],
    isPreferred: index === 0,
  }));
}

function action(
  { uri, version }: ActionRequest,
  title: string,
  kind: string,
  edits: readonly TextEdit[],
): CodeAction {
  // With the version, an editor whose text moved on refuses the edits instead of making them in the wrong place.
  const changes = [{ textDocument: { uri, version }, edits: [...edits] }];
  return { title, kind, edit: { documentChanges: changes } };
}

/** A new file is made first; one that has come to be there since is left alone, and the whole action with it. */
function refactoringAction(request: ActionRequest, { title, kind, edits, newFile }: Refactoring): CodeAction {
  const change = action(request, title, kind, edits);
  if (newFile === undefined) return change;
  const uri = pathToFileURL(newFile.file).href;
  const start = { line: 0, character: 0 };
  const written = { range: { start, end: start }, newText: newFile.text };
  return {
    ...change,
    edit: {
      documentChanges: [
        { kind: 'create', uri, options: { ignoreIfExists: false } },
        { textDocument: { uri, version: null }, edits: [written] },
        ...(change.edit?.documentChanges ?? []),
      ],
    },
  };
}

function isWanted(kind: string, only: readonly string[] | undefined): boolean {
  return only?.some((wanted) => wanted === '' || kind === wanted || kind.startsWith(`${wanted}.`)) ?? true;
}
