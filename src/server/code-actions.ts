import { CodeActionKind, type CodeAction } from 'vscode-languageserver/node';
import type { Diagnostic, TextEdit } from '../config/diagnostic.ts';
import { FIX_ALL_KIND } from '../protocol/lsp.ts';
import type { Range } from '../protocol/errors.ts';
import { editsOfAllFixes, touches } from './fixes.ts';
import { toLspDiagnostic } from './translate.ts';

export interface ActionRequest {
  readonly uri: string;
  readonly version: number;
  readonly range: Range;
  /** Kinds the editor asks for; a kind includes those below it. Absent: all. */
  readonly only?: readonly string[];
}

/** A fix for every fault at the range, and one action for all faults of the file that have a single fix. */
export function codeActions(request: ActionRequest, diagnostics: readonly Diagnostic[]): CodeAction[] {
  const here = diagnostics.filter((diagnostic) => touches(diagnostic.range, request.range));
  const all = editsOfAllFixes(diagnostics);
  const actions = [
    ...here.flatMap((diagnostic) => quickFixes(request, diagnostic)),
    ...(all.length === 0 ? [] : [action(request, 'Fix all problems of this experiment', FIX_ALL_KIND, all)]),
  ];
  return actions.filter(({ kind }) => isWanted(kind ?? '', request.only));
}

function quickFixes(request: ActionRequest, diagnostic: Diagnostic): CodeAction[] {
  return diagnostic.fixes.map((fix, index) => ({
    ...action(request, fix.title, CodeActionKind.QuickFix, fix.edits),
    diagnostics: [toLspDiagnostic(diagnostic, request.uri)],
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

function isWanted(kind: string, only: readonly string[] | undefined): boolean {
  return only?.some((wanted) => wanted === '' || kind === wanted || kind.startsWith(`${wanted}.`)) ?? true;
}
