import { randomBytes } from 'node:crypto';
import { directionOf, escapeMarkup } from '../../protocol/markup.ts';

export interface DocumentParts {
  readonly script: string;
  readonly style: string;
  /** What `webview.cspSource` says: where files of the extension come from. */
  readonly source: string;
  readonly language: string;
  /** English texts in that language. */
  readonly strings: Readonly<Record<string, string>>;
  readonly title: string;
}

/**
 * SHA-256 of nothing: one of the controls makes an empty style element to learn whether the browser knows
 * `:focus-visible`. Empty is all that it may be.
 */
const EMPTY_STYLE = 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';

/** 256 random bits; used for one document and never again. */
export function newNonce(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * The page of the panel. It may run its one script and load its one style sheet, and nothing else: no inline code or
 * styles, no `eval`, no network, no frames, no forms.
 */
export function panelDocument(parts: DocumentParts, nonce = newNonce()): string {
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${parts.source} '${EMPTY_STYLE}'`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${escapeMarkup(parts.language)}" dir="${directionOf(parts.language)}">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${escapeMarkup(policy)}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <link rel="stylesheet" href="${escapeMarkup(parts.style)}">
    <title>${escapeMarkup(parts.title)}</title>
  </head>
  <body>
    <div id="panel" data-strings="${escapeMarkup(JSON.stringify(parts.strings))}"></div>
    <script nonce="${nonce}" src="${escapeMarkup(parts.script)}"></script>
  </body>
</html>
`;
}
