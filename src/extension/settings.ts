import * as vscode from 'vscode';
import { SETTINGS, SETTINGS_SECTION, type SettingName } from './ids.ts';

type Widened<T> = T extends boolean ? boolean : T extends string ? string : T;

/** The value of a setting; its declared default where the user wrote a value of another type. */
export function setting<N extends SettingName>(name: N): Widened<(typeof SETTINGS)[N]> {
  const fallback = SETTINGS[name] as Widened<(typeof SETTINGS)[N]>;
  const value: unknown = vscode.workspace.getConfiguration(SETTINGS_SECTION).get(name);
  return typeof value === typeof fallback ? (value as Widened<(typeof SETTINGS)[N]>) : fallback;
}
