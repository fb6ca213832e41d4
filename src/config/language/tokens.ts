import { findMethod } from '../../methods/index.ts';
import type { Field } from '../../schema/field.ts';
import { experimentField } from '../schema/experiment.ts';
import { placeRange, type Path, type Place, type ScalarNode } from '../syntax/node.ts';
import { analysisOf } from './context.ts';
import type { LanguageContext, Token, TokenType } from './types.ts';
import { visitFields } from './visit.ts';

/** What each word is that the language knows: models, methods, layers and words apart from free text. In the order of the text. */
export function tokensIn(text: string, context: LanguageContext): Token[] {
  const { tree, source } = analysisOf(text, context);
  const tokens: Token[] = [];
  if (tree === null) return tokens;
  const add = (place: Place, type: TokenType, declares = false): void => {
    const range = placeRange(place);
    if (place.source !== source || place.end <= place.start || range.start.line !== range.end.line) return;
    tokens.push({ range, type, declares });
  };
  visitFields(experimentField, tree, {
    key(entry, parent, path) {
      add(entry.keyPlace, keyType(entry.key, parent, path), path.length === 2 && path[0] === 'models');
    },
    value(node, field) {
      add(node.place, valueType(node, field));
    },
  });
  const sorted = tokens.sort(
    (a, b) => a.range.start.line - b.range.start.line || a.range.start.character - b.range.start.character,
  );
  // A base or an alias may lead to one place twice.
  return sorted.filter((token, index) => index === 0 || !same(token, sorted[index - 1]));
}

function same(a: Token, b: Token | undefined): boolean {
  return a.range.start.line === b?.range.start.line && a.range.start.character === b.range.start.character;
}

function keyType(key: string, parent: Field, path: Path): TokenType {
  if (path.length === 2 && path[0] === 'models') return 'class';
  if (parent.kind === 'record' && path[0] === 'phases') return 'class';
  if (parent.kind !== 'variant') return 'property';
  return findMethod(key) === undefined ? 'enumMember' : 'function';
}

function valueType({ value }: ScalarNode, field: Field): TokenType {
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean' || value === null) return 'keyword';
  if (field.kind === 'variant') return findMethod(value) === undefined ? 'enumMember' : 'function';
  if (field.kind === 'choice') return 'enumMember';
  if (field.kind === 'text' && field.refersTo === 'model') return 'class';
  if (field.kind === 'text' && field.refersTo === 'layer') return 'variable';
  if (field.kind === 'text' && field.refersTo === 'class') return 'enumMember';
  return 'string';
}
