import type { Field } from '../../schema/field.ts';
import { defaultOf, mayBeLeftOut } from '../schema/defaults.ts';
import { experimentField } from '../schema/experiment.ts';
import { optimizers } from '../schema/optimizers.ts';
import { scheduleField } from '../schema/schedule.ts';

type JsonSchema = Readonly<Record<string, unknown>>;
type NumberField = Extract<Field, { kind: 'number' }>;

/** The language as JSON Schema, for tools that do not know it. What needs the models and the data is not in it. */
export function jsonSchema(): JsonSchema {
  const definitions = new Definitions();
  const { type, description, properties, ...rest } = definitions.schemaOf(experimentField);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'KD Workbench experiment',
    description,
    type,
    properties,
    ...rest,
    definitions: definitions.all,
  };
}

/** Schedules hold schedules, so each kind stands once and is referred to. */
class Definitions {
  readonly all: Record<string, JsonSchema> = {};

  schemaOf(field: Field): JsonSchema {
    const value = defaultOf(field);
    const common = {
      description: field.doc,
      ...(value === undefined || field.kind === 'object' ? {} : { default: value }),
    };
    return { ...common, ...this.#shapeOf(field) };
  }

  #shapeOf(field: Field): JsonSchema {
    switch (field.kind) {
      case 'number':
        return this.#number(field);
      case 'boolean':
        return { type: 'boolean' };
      case 'text':
        return { type: 'string', ...(field.filled === true ? { minLength: 1 } : {}) };
      case 'choice':
        return { enum: Object.keys(field.choices) };
      case 'list':
        return {
          type: 'array',
          items: this.schemaOf(field.item),
          ...(field.minimumLength === undefined ? {} : { minItems: field.minimumLength }),
          ...(field.maximumLength === undefined ? {} : { maxItems: field.maximumLength }),
        };
      case 'object':
        return this.#object(field.fields, field.exactlyOne ?? []);
      case 'record':
        return { type: 'object', additionalProperties: this.schemaOf(field.value) };
      case 'variant':
        return this.#variant(field);
      case 'tagged':
        return { oneOf: this.#tagged(field) };
      case 'union':
        return {
          anyOf: field.options
            .filter((option) => option.kind !== 'later')
            .map((option) => this.schemaOf(option)),
        };
      case 'later':
        return { not: {} };
    }
  }

  #number(field: NumberField): JsonSchema {
    const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = field;
    const bounds = { minimum, maximum, exclusiveMinimum, exclusiveMaximum };
    const given = Object.fromEntries(Object.entries(bounds).filter(([, bound]) => bound !== undefined));
    const plain = { type: field.integer ? 'integer' : 'number', ...given };
    if (!field.schedulable) return plain;
    return { anyOf: [plain, { $ref: `#/definitions/${this.#schedule(field, JSON.stringify(plain))}` }] };
  }

  #schedule(field: NumberField, bounds: string): string {
    const name = `schedule ${bounds.replace(/["{}]/g, '').replaceAll(/[:,]/g, ' ')}`.replaceAll(' ', '-');
    if (!Object.hasOwn(this.all, name)) {
      this.all[name] = {};
      this.all[name] = this.schemaOf(scheduleField(field));
    }
    return name;
  }

  #object(fields: Readonly<Record<string, Field>>, groups: readonly (readonly string[])[]): JsonSchema {
    const required = Object.entries(fields)
      .filter(([, field]) => !mayBeLeftOut(field))
      .map(([key]) => key);
    const properties = Object.entries(fields).filter(([, field]) => field.kind !== 'later');
    return {
      type: 'object',
      properties: Object.fromEntries(properties.map(([key, field]) => [key, this.schemaOf(field)])),
      additionalProperties: false,
      ...(required.length === 0 ? {} : { required }),
      ...(groups.length === 0
        ? {}
        : { allOf: groups.map((group) => ({ oneOf: group.map((key) => ({ required: [key] })) })) }),
    };
  }

  /** Terms, refiners and optimizers stand at several places. */
  #variant(field: Extract<Field, { kind: 'variant' }>): JsonSchema {
    const shared: string | undefined =
      field.names === 'method' || field.names === 'refiner'
        ? field.names
        : field.variants === optimizers
          ? 'optimizer'
          : undefined;
    if (shared === undefined) return this.#words(field);
    if (!Object.hasOwn(this.all, shared)) {
      this.all[shared] = {};
      this.all[shared] = this.#words(field);
    }
    // Beside a reference nothing else counts in this draft.
    return { allOf: [{ $ref: `#/definitions/${shared}` }] };
  }

  #words(field: Extract<Field, { kind: 'variant' }>): JsonSchema {
    const words = Object.entries(field.variants).filter(([, settings]) => settings.kind !== 'later');
    const alone = words.filter(([, settings]) => defaultOf(settings) !== undefined).map(([word]) => word);
    const maps = words.map(([word, settings]) => ({
      type: 'object',
      properties: { [word]: { anyOf: [this.schemaOf(settings), { type: 'null' }] } },
      required: [word],
      additionalProperties: false,
      description: settings.doc,
    }));
    return { anyOf: [...(alone.length === 0 ? [] : [{ enum: alone }]), ...maps] };
  }

  #tagged(field: Extract<Field, { kind: 'tagged' }>): JsonSchema[] {
    return Object.entries(field.variants).flatMap(([word, settings]): JsonSchema[] => {
      if (settings.kind === 'later') return [];
      const schema = this.#object(settings.fields, settings.exactlyOne ?? []);
      const properties = {
        [field.tag]: { const: word, description: field.tagDoc },
        ...(schema['properties'] as JsonSchema),
      };
      const required = [field.tag, ...((schema['required'] as readonly string[] | undefined) ?? [])];
      return [{ ...schema, description: settings.doc, properties, required }];
    });
  }
}
