import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { Position } from '../../protocol/errors.ts';
import type { Analysis } from '../analyze.ts';
import type { Field } from '../../schema/field.ts';
import { isWithin } from '../root.ts';
import { experimentField } from '../schema/experiment.ts';
import { placeRange, type Path } from '../syntax/node.ts';
import { analysisOf } from './context.ts';
import { declarationAt } from './model-names.ts';
import type { FileRange, LanguageContext, Link } from './types.ts';
import { visitFields } from './visit.ts';

const TOP = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

/** Where what the cursor stands on comes from: a model's description, an anchor, a base or data file, the config of a run. */
export function definitionAt(text: string, position: Position, context: LanguageContext): FileRange | null {
  const analysis = analysisOf(text, context);
  const declaration = declarationAt(analysis, position);
  if (declaration !== null) return declaration;
  const link = linksOf(analysis).find(
    ({ range: { start, end } }) =>
      start.line === position.line &&
      start.character <= position.character &&
      position.character <= end.character,
  );
  return link !== undefined && 'file' in link.target ? { file: link.target.file, range: TOP } : null;
}

/** Everything in a text that leads to another file, and its layers, which lead to the panel. */
export function linksIn(text: string, context: LanguageContext): Link[] {
  return linksOf(analysisOf(text, context));
}

function linksOf(analysis: Analysis): Link[] {
  const { tree, source } = analysis;
  const links: Link[] = [];
  if (tree === null) return links;
  visitFields(experimentField, tree, {
    value(node, field, path) {
      if (field.kind !== 'text' || typeof node.value !== 'string' || node.place.source !== source) return;
      const target = targetOf(field.refersTo, node.value, path, analysis);
      if (target !== null) links.push({ range: placeRange(node.place), ...target });
    },
  });
  return links;
}

function targetOf(
  kind: Extract<Field, { kind: 'text' }>['refersTo'],
  value: string,
  path: Path,
  { source, root, models, files }: Analysis,
): Omit<Link, 'range'> | null {
  if (kind === 'layer') return { target: { panel: true }, tooltip: 'Compare layers in the panel' };
  if (kind === 'file' && isAbsolute(source.file)) {
    const file = resolve(dirname(source.file), value);
    const isThere =
      files.status(file)?.kind === 'file' && isWithin(files.realPath(root), files.realPath(file));
    return isThere ? { target: { file }, tooltip: 'Open the file' } : null;
  }
  const run = kind === 'run' ? models.get(String(path[1]))?.earlier?.run : undefined;
  if (run === undefined) return null;
  return {
    target: { file: join(root, '.kd', 'runs', run, 'config.yaml') },
    tooltip: `Open the config of ${run}`,
  };
}
