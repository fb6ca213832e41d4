import { UserError, type Problem } from '../protocol/errors.ts';

/** Why a model is refused. The code is stable; `layer` names the place within the model. */
export const MODEL_CODES = {
  unknownLayer: 'KD2101',
  duplicatePath: 'KD2102',
  unknownInput: 'KD2103',
  order: 'KD2104',
  inputCount: 'KD2105',
  shape: 'KD2106',
  setting: 'KD2107',
  output: 'KD2108',
  inputTooSmall: 'KD2109',
  unknownArchitecture: 'KD2110',
  architectureSetting: 'KD2111',
  tooLarge: 'KD2112',
  module: 'KD2113',
  task: 'KD2117',
} as const;

export function modelProblem(code: keyof typeof MODEL_CODES, message: string, help: string): Problem {
  return { code: MODEL_CODES[code], message, help };
}

export function modelError(code: keyof typeof MODEL_CODES, message: string, help: string): UserError {
  return new UserError(modelProblem(code, message, help));
}
