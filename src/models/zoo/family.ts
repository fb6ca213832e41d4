import type { Field, ObjectField, ObjectValue } from '../../schema/field.ts';
import type { Undersampling } from '../../random/undersampling.ts';
import type { ModelGraph, Shape } from '../description.ts';
import { modelError } from '../problems.ts';
import { shapeText } from '../shapes.ts';

/** A ready-made setting of a family under a name of its own: `resnet20`. */
export interface Preset<S> {
  readonly name: string;
  readonly summary: string;
  readonly settings: Partial<ObjectValue<S>>;
}

/** A family of architectures: data for the editor and one function. */
export interface ArchitectureFamily<
  S extends Readonly<Record<string, Field>> = Readonly<Record<string, Field>>,
> {
  /** The config key: `architecture: { resnet: { depth: 20 } }`. */
  readonly name: string;
  readonly summary: string;
  readonly paper: {
    readonly title: string;
    readonly authors: string;
    readonly where: string;
    readonly arxiv?: string;
  };
  readonly settings: ObjectField<ObjectValue<S>> & { readonly fields: S };
  /** For a page of its own: its equations, where tensors come from and go to, what to know. */
  readonly formula?: string;
  readonly figure?: string;
  readonly notes?: readonly string[];
  readonly presets: readonly Preset<S>[];
  /** `images`: it makes whole images of poor ones, for the task `reconstruction`; left out: it tells classes apart. */
  readonly answers?: 'images';
  /**
   * Throws `UserError` for settings or inputs that the family cannot serve.
   * @param undersampling how the images that it reads were made poor; given to families that answer with images
   */
  readonly build: (
    inputShape: Shape,
    classes: number,
    settings: ObjectValue<S>,
    undersampling: Undersampling | null,
  ) => ModelGraph;
}

/** Keeps the types of one family's settings while the list of families holds them all alike. */
export function defineFamily<S extends Readonly<Record<string, Field>>>(
  family: ArchitectureFamily<S>,
): ArchitectureFamily<S> {
  return family;
}

/** Throws where height or width of the input is below `least`. */
export function requireSize(architecture: string, input: Shape, least: number): void {
  const [height = 0, width = 0] = input;
  if (height >= least && width >= least) return;
  throw modelError(
    'inputTooSmall',
    `${architecture} needs images of at least ${least}x${least}, but the data has ${shapeText(input)}`,
    'Enlarge the images with data.size, or choose a smaller architecture.',
  );
}
