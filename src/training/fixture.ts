import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../protocol/errors.ts';
import { toChannelsLast, type Laid } from './layout.ts';

/** One golden case of `kd-golden-loss/1`, tensors already in TensorFlow.js layout. */
export interface Fixture {
  readonly method: string;
  readonly id: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Inputs and weights by name. */
  readonly tensors: Readonly<Record<string, FixtureTensor>>;
  readonly loss: number;
  /** Expected gradients, still in the fixture's layout, by the names of `tensors`. */
  readonly gradients: Readonly<Record<string, { readonly data: Float32Array; readonly absolute: number }>>;
  readonly tolerance: {
    readonly lossRelative: number;
    readonly lossAbsolute: number;
    readonly gradientRelative: number;
  };
}

export interface FixtureTensor extends Laid {
  readonly layout: string;
  readonly dtype: 'float32' | 'int32';
}

/**
 * All cases of the `*.json` files in a folder, in order of file name.
 * @throws UserError KD4001 where the folder cannot be read or a file is no fixture
 */
export function readFixtures(folder: string): readonly Fixture[] {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  } catch (error) {
    throw notAFixture(folder, `The folder cannot be read: ${messageOf(error)}.`);
  }
  if (names.length === 0) throw notAFixture(folder, 'The folder holds no fixtures (*.json).');
  return names.sort().flatMap((name) => readFixtureFile(join(folder, name)));
}

function readFixtureFile(file: string): readonly Fixture[] {
  try {
    const content = asObject(JSON.parse(readFileSync(file, 'utf8')), 'the file');
    if (content['format'] !== 'kd-golden-loss/1') throw new Error('its "format" is not "kd-golden-loss/1"');
    const method = asText(content['method'], 'method');
    if (!Array.isArray(content['cases'])) throw new Error('"cases" is not a list');
    return content['cases'].map((value: unknown) => readCase(method, asObject(value, 'a case')));
  } catch (error) {
    throw notAFixture(file, `Not a golden fixture: ${messageOf(error)}.`);
  }
}

function readCase(method: string, value: Json): Fixture {
  const tolerance = asObject(value['tolerance'], 'tolerance');
  const tensors = { ...optionalObject(value['inputs']), ...optionalObject(value['weights']) };
  return {
    method,
    id: asText(value['id'], 'id'),
    parameters: optionalObject(value['params']),
    tensors: mapValues(tensors, (tensor, name) => readTensor(asObject(tensor, name), name)),
    loss: asNumber(value['loss'], 'loss'),
    gradients: mapValues(asObject(value['grads'], 'grads'), (gradient, name) => {
      const { data, atol } = asObject(gradient, name);
      return { data: asNumbers(data, name), absolute: asNumber(atol, `${name}.atol`) };
    }),
    tolerance: {
      lossRelative: asNumber(tolerance['loss_rtol'], 'loss_rtol'),
      lossAbsolute: asNumber(tolerance['loss_atol'], 'loss_atol'),
      gradientRelative: asNumber(tolerance['grad_rtol'], 'grad_rtol'),
    },
  };
}

function readTensor(value: Json, name: string): FixtureTensor {
  const layout = value['layout'] === undefined ? '' : asText(value['layout'], `${name}.layout`);
  const shape = Array.from(asNumbers(value['shape'], `${name}.shape`));
  const data = asNumbers(value['data'], `${name}.data`);
  if (shape.reduce((product, size) => product * size, 1) !== data.length) {
    throw new Error(`${name} has ${data.length} numbers for the shape [${shape.join(', ')}]`);
  }
  const dtype = value['dtype'] === 'int32' ? 'int32' : 'float32';
  return { ...toChannelsLast(layout, { shape, data }), layout, dtype };
}

type Json = Readonly<Record<string, unknown>>;

function asObject(value: unknown, name: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`${name} is not a map`);
  return value as Json;
}

function optionalObject(value: unknown): Json {
  return value === undefined ? {} : asObject(value, 'a part of a case');
}

function asText(value: unknown, name: string): string {
  if (typeof value !== 'string') throw new Error(`${name} is not a text`);
  return value;
}

/** A number, or the strings JSON needs for numbers that are not finite. */
function asNumber(value: unknown, name: string): number {
  if (typeof value === 'number') return value;
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value);
  throw new Error(`${name} is not a number`);
}

function asNumbers(value: unknown, name: string): Float32Array {
  if (!Array.isArray(value)) throw new Error(`${name} is not a list`);
  return Float32Array.from(value, (item: unknown) => asNumber(item, name));
}

function mapValues<T, R>(
  values: Readonly<Record<string, T>>,
  map: (value: T, name: string) => R,
): Record<string, R> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value, name)]));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function notAFixture(file: string, message: string): UserError {
  return new UserError({
    code: 'KD4001',
    message,
    help: 'Name a folder of kd-golden-loss/1 files, or leave it out to use the shipped ones.',
    file,
  });
}
