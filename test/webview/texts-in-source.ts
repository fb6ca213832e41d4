import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { templateOfParts } from '../../src/protocol/say.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Where texts stand among the code: say`...` in what host and command line share, `vscode.l10n.t(...)` in the host. */
const FOLDERS = ['src/diagnosis', 'src/extension', 'src/protocol', 'src/reports'];

/** Every text of these folders that is looked up in the language of the editor, as translators see it. */
export function textsInSource(): string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => textsOf(join(ROOT, folder, name))),
  );
}

function textsOf(path: string): string[] {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTaggedTemplateExpression(node) && node.tag.getText(source) === 'say')
      found.push(templateOfParts(partsOf(node.template)));
    if (ts.isCallExpression(node) && node.expression.getText(source) === 'vscode.l10n.t') {
      const [text] = node.arguments;
      if (text === undefined || !ts.isStringLiteralLike(text))
        throw new Error(`${path}: a text that is looked up is written out`);
      found.push(text.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function partsOf(template: ts.TemplateLiteral): string[] {
  if (ts.isNoSubstitutionTemplateLiteral(template)) return [template.text];
  return [template.head.text, ...template.templateSpans.map(({ literal }) => literal.text)];
}
