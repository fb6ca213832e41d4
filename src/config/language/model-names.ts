import type { Position, Range } from '../../protocol/errors.ts';
import { UserError } from '../../protocol/errors.ts';
import type { Analysis } from '../analyze.ts';
import type { TextEdit } from '../diagnostic.ts';
import { isNameOfModel } from '../check/validate.ts';
import { rolesOf } from '../roles.ts';
import { experimentField } from '../schema/experiment.ts';
import { keyPlace, nodeAt, placeRange, type Place } from '../syntax/node.ts';
import { anchorAt, anchorsIn } from './anchors.ts';
import { analysisOf } from './context.ts';
import type { FileRange, LanguageContext } from './types.ts';
import { visitFields } from './visit.ts';

/** Where a name stands: that of a model, or one that YAML itself gives. */
interface Named {
  readonly kind: 'model' | 'anchor';
  readonly name: string;
  readonly declaration: Place | null;
  /** The declaration among them. */
  readonly uses: readonly Place[];
  /** The one at the cursor. */
  readonly here: Place;
}

/** Every place that names what the cursor stands on. */
export function referencesAt(text: string, position: Position, context: LanguageContext): FileRange[] {
  const named = namedAt(analysisOf(text, context), position);
  return (named?.uses ?? []).map((place) => ({ file: place.source.file, range: placeRange(place) }));
}

/** Where the model or the anchor at the cursor is described. */
export function declarationAt(analysis: Analysis, position: Position): FileRange | null {
  const place = namedAt(analysis, position)?.declaration ?? null;
  return place === null ? null : { file: place.source.file, range: placeRange(place) };
}

/** What a rename at the cursor would replace; null where nothing there has a name of its own. */
export function renameableAt(text: string, position: Position, context: LanguageContext): Range | null {
  const here = namedAt(analysisOf(text, context), position)?.here;
  return here === undefined ? null : placeRange(here);
}

/**
 * The edits that give the model or anchor at the cursor another name, wherever this file names it. A model that filled a role by
 * its name alone keeps the role: `from` or `to` is written out.
 *
 * @throws UserError KD2061 where the name is not allowed or taken, or is given in another file
 */
export function renameAt(
  text: string,
  position: Position,
  newName: string,
  context: LanguageContext,
): TextEdit[] {
  const analysis = analysisOf(text, context);
  const named = namedAt(analysis, position);
  if (named === null)
    throw refused('nothing here has a name that can be changed', 'Go to a model or an anchor.');
  const { name, declaration, kind } = named;
  if (newName === name) return [];
  const { file } = analysis.source;
  if (kind === 'model') {
    if (!isNameOfModel(newName))
      throw refused(
        `"${newName}" cannot be the name of a model`,
        'Use letters, digits, "_" and "-", beginning with a letter.',
      );
    if (nodeAt(analysis.tree ?? undefined, ['models', newName]) !== undefined)
      throw refused(`there is a model "${newName}" already`, 'Choose another name.');
    if (declaration !== null && declaration.source.file !== file)
      throw refused(`"${name}" is described in ${declaration.source.file}`, 'Rename it there.');
  } else if (!/^[\w-]+$/.test(newName))
    throw refused(`"${newName}" cannot be the name of an anchor`, 'Use letters, digits, "_" and "-".');
  const own = named.uses.filter(({ source }) => source.file === file);
  const edits = own.map((place) => ({ range: placeRange(place), newText: newName }));
  return kind === 'model' ? [...edits, ...rolesWrittenOut(name, newName, analysis)] : edits;
}

function namedAt(analysis: Analysis, position: Position): Named | null {
  const { source, tree } = analysis;
  const offset = source.offsetAt(position);
  const anchor = anchorAt(source.text, offset);
  if (anchor !== undefined) {
    const all = anchorsIn(source.text).filter(({ name }) => name === anchor.name);
    const place = ({ start, end }: typeof anchor): Place => ({ source, start, end });
    // An alias means the nearest anchor of that name above it.
    const declaration = all.findLast((use) => use.declares && use.start <= anchor.start);
    return {
      kind: 'anchor',
      name: anchor.name,
      declaration: declaration === undefined ? null : place(declaration),
      uses: all.map(place),
      here: place(anchor),
    };
  }
  if (tree === null) return null;
  const all = modelUses(analysis);
  const here = all.find(
    ({ place }) => place.source === source && place.start <= offset && offset <= place.end,
  );
  if (here === undefined) return null;
  const uses = all.filter(({ name }) => name === here.name);
  return {
    kind: 'model',
    name: here.name,
    declaration: uses.find(({ declares }) => declares)?.place ?? null,
    uses: uses.map(({ place }) => place),
    here: here.place,
  };
}

interface ModelUse {
  readonly name: string;
  readonly place: Place;
  readonly declares: boolean;
}

/** Each place once, also where an alias or a base shares it. */
function modelUses({ tree }: Analysis): ModelUse[] {
  const uses: ModelUse[] = [];
  const add = (name: string, place: Place, declares = false) => {
    const known = uses.some((use) => use.place.source === place.source && use.place.start === place.start);
    if (!known) uses.push({ name, place: withoutQuotes(place), declares });
  };
  if (tree === null) return uses;
  visitFields(experimentField, tree, {
    key(entry, parent, path) {
      if (path.length === 2 && path[0] === 'models') add(entry.key, entry.keyPlace, true);
      // `{ student: fresh }` among what a phase trains.
      else if (parent.kind === 'record' && path[0] === 'phases') add(entry.key, entry.keyPlace);
    },
    value(node, field) {
      if (field.kind !== 'text' || field.refersTo !== 'model' || typeof node.value !== 'string') return;
      add(node.value, node.place);
    },
  });
  return uses;
}

function withoutQuotes(place: Place): Place {
  const { source, start, end } = place;
  return /^["']/.test(source.text.slice(start, end)) ? { source, start: start + 1, end: end - 1 } : place;
}

/** `from` and `to` for roles that were filled by the customary name. */
function rolesWrittenOut(name: string, newName: string, { tree, value, source }: Analysis): TextEdit[] {
  const distill = nodeAt(tree ?? undefined, ['distill']);
  if (tree === null || distill?.kind !== 'map' || distill.place.source !== source) return [];
  const teaches = rolesOf(value).from.includes(name) && nodeAt(tree, ['distill', 'from']) === undefined;
  const learns = value.distill?.to === name && nodeAt(tree, ['distill', 'to']) === undefined;
  const keys = [...(teaches ? [`from: ${newName}`] : []), ...(learns ? [`to: ${newName}`] : [])];
  const [first] = distill.entries;
  if (keys.length === 0 || first === undefined) return [];
  const at = source.positionAt(keyPlace(tree, ['distill', first.key]).start);
  const between = distill.flow ? ', ' : `${source.eol}${' '.repeat(at.character)}`;
  return [{ range: { start: at, end: at }, newText: keys.map((key) => key + between).join('') }];
}

function refused(message: string, help: string): UserError {
  return new UserError({ code: 'KD2061', message, help });
}
