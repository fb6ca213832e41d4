import {
  CompletionItemKind,
  DiagnosticSeverity,
  InsertTextFormat,
  MarkupKind,
  SymbolKind,
  type CompletionItem,
  type Diagnostic as LspDiagnostic,
  type DocumentSymbol,
  type Hover as LspHover,
} from 'vscode-languageserver/node';
import { pathToFileURL } from 'node:url';
import type { Diagnostic, Severity } from '../config/diagnostic.ts';
import type { Completion, CompletionKind, ConfigSymbol, Hover } from '../config/language/types.ts';

/** Shown beside every message, and in the Problems view. */
export const SOURCE = 'kd';

const SEVERITIES: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
};

/** The help is part of the message: the protocol has no place of its own for the next step. */
export function toLspDiagnostic(diagnostic: Diagnostic, uri: string): LspDiagnostic {
  const { range, severity, code, message, help, relatedInformation } = diagnostic;
  return {
    range,
    severity: SEVERITIES[severity],
    code,
    source: SOURCE,
    message: help === '' ? message : `${message}\n${help}`,
    ...(relatedInformation === undefined
      ? {}
      : {
          relatedInformation: relatedInformation.map((related) => ({
            location: {
              uri: related.file === '' ? uri : pathToFileURL(related.file).href,
              range: related.range,
            },
            message: related.message,
          })),
        }),
  };
}

const COMPLETION_KINDS: Readonly<Record<CompletionKind, CompletionItemKind>> = {
  key: CompletionItemKind.Property,
  value: CompletionItemKind.EnumMember,
  method: CompletionItemKind.Function,
  model: CompletionItemKind.Class,
  layer: CompletionItemKind.Field,
  run: CompletionItemKind.Reference,
  file: CompletionItemKind.File,
  folder: CompletionItemKind.Folder,
  snippet: CompletionItemKind.Snippet,
};

export function toCompletionItem(completion: Completion): CompletionItem {
  return {
    label: completion.label,
    kind: COMPLETION_KINDS[completion.kind],
    detail: completion.detail,
    documentation: { kind: MarkupKind.Markdown, value: completion.documentation },
    insertTextFormat: completion.snippet ? InsertTextFormat.Snippet : InsertTextFormat.PlainText,
    textEdit: { range: completion.range, newText: completion.insertText },
    sortText: completion.sortText,
  };
}

export function toLspHover(hover: Hover): LspHover {
  return { range: hover.range, contents: { kind: MarkupKind.Markdown, value: hover.markdown } };
}

const SYMBOL_KINDS: Readonly<Record<ConfigSymbol['kind'], SymbolKind>> = {
  block: SymbolKind.Namespace,
  model: SymbolKind.Class,
  term: SymbolKind.Function,
  list: SymbolKind.Array,
  value: SymbolKind.Property,
};

export function toDocumentSymbol(symbol: ConfigSymbol): DocumentSymbol {
  return {
    name: symbol.name === '' ? '(empty)' : symbol.name,
    detail: symbol.detail,
    kind: SYMBOL_KINDS[symbol.kind],
    range: symbol.range,
    selectionRange: symbol.selectionRange,
    children: symbol.children.map(toDocumentSymbol),
  };
}
