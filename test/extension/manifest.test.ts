import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS, CONTEXT_KEYS, LANGUAGE, RUN_ITEMS, SETTINGS, VIEWS } from '../../src/extension/ids.ts';
import { LENS_COMMANDS } from '../../src/protocol/lsp.ts';

interface Manifest {
  readonly main: string;
  readonly engines: { readonly vscode: string };
  readonly capabilities: {
    readonly untrustedWorkspaces: {
      readonly supported: unknown;
      readonly restrictedConfigurations: string[];
    };
  };
  readonly contributes: {
    readonly languages: {
      id: string;
      extensions: string[];
      filenames?: string[];
      configuration: string;
      icon: Record<string, string>;
    }[];
    readonly grammars: { language: string; scopeName: string; path: string }[];
    readonly yamlValidation: { fileMatch: string; url: string }[];
    readonly jsonValidation: { fileMatch: string; url: string }[];
    readonly commands: { command: string; title: string; category: string }[];
    readonly menus: Record<string, { command: string; when?: string }[]>;
    readonly views: Record<string, { id: string }[]>;
    readonly viewsContainers: { activitybar: { id: string; icon: string }[] };
    readonly viewsWelcome: { view: string; when: string; contents: string }[];
    readonly walkthroughs: { steps: { description: string; media: { svg: string } }[] }[];
    readonly configuration: { properties: Record<string, { default: unknown; scope?: string }> };
  };
}

const ROOT = join(import.meta.dirname, '..', '..');
const text = readFileSync(join(ROOT, 'package.json'), 'utf8');
const manifest = JSON.parse(text) as Manifest;
const { contributes } = manifest;
const texts = JSON.parse(readFileSync(join(ROOT, 'package.nls.json'), 'utf8')) as Record<string, string>;

describe('package.json and the code', () => {
  it('name the same commands', () => {
    expect(contributes.commands.map(({ command }) => command).sort()).toEqual(Object.values(COMMANDS).sort());
  });

  it('name the same settings with the same defaults', () => {
    const declared = Object.entries(contributes.configuration.properties).map(
      ([name, { default: value }]) => [name, value],
    );
    expect(Object.fromEntries(declared)).toEqual(
      Object.fromEntries(Object.entries(SETTINGS).map(([name, value]) => [`kd.${name}`, value])),
    );
  });

  it('name the same views, language and rows', () => {
    expect(contributes.views[VIEWS.container]?.map(({ id }) => id)).toEqual([VIEWS.runs]);
    expect(contributes.viewsContainers.activitybar.map(({ id }) => id)).toEqual([VIEWS.container]);
    expect(contributes.languages.map(({ id }) => id)).toEqual([LANGUAGE]);
    const rows = JSON.stringify(contributes.menus['view/item/context']).match(/viewItem == ([\w.]+)/g);
    expect(new Set(rows)).toEqual(
      new Set(
        [RUN_ITEMS.active, RUN_ITEMS.paused, RUN_ITEMS.waiting, RUN_ITEMS.resumable].map(
          (item) => `viewItem == ${item}`,
        ),
      ),
    );
  });

  it('ask for no context key that the code does not set', () => {
    const clauses = [...text.matchAll(/"when": "([^"]*)"/g)].map(([, clause]) => clause ?? '');
    const asked = clauses.flatMap((clause) => clause.match(/(?<![\w.=~/ ] ?)kd\.\w+/g) ?? []);
    const known = new Set<string>(Object.values(CONTEXT_KEYS));
    expect(asked).not.toEqual([]);
    expect(asked.filter((key) => !known.has(key))).toEqual([]);
  });

  it('agree on the commands of the code lenses', () => {
    expect(LENS_COMMANDS).toEqual({
      run: COMMANDS.run,
      queue: COMMANDS.queue,
      dryRun: COMMANDS.dryRun,
      check: COMMANDS.check,
      panel: COMMANDS.openPanel,
      effective: COMMANDS.showEffective,
      trainTeacher: COMMANDS.trainTeacher,
      suggestPair: COMMANDS.suggestPair,
    });
  });
});

describe('the manifest', () => {
  it('claims *.kd.yaml and no other file', () => {
    expect(contributes.languages).toHaveLength(1);
    expect(contributes.languages[0]?.extensions).toEqual(['.kd.yaml']);
    expect(contributes.languages[0]?.filenames).toBeUndefined();
  });

  it('offers its schema to the editors of files that are not its own', () => {
    const offered = [...contributes.yamlValidation, ...contributes.jsonValidation];
    expect(offered.map(({ fileMatch }) => fileMatch)).toEqual(['*.kd.yml', '*.kd.json']);
    const own = contributes.languages[0]?.extensions ?? [];
    // Else one file would be checked twice.
    expect(offered.filter(({ fileMatch }) => own.some((end) => fileMatch.endsWith(end)))).toEqual([]);
    expect(offered.every(({ url }) => existsSync(join(ROOT, url)))).toBe(true);
  });

  it('names no menu entry and no link without a command', () => {
    const ids = new Set<string>(Object.values(COMMANDS));
    const inMenus = Object.values(contributes.menus)
      .flat()
      .map(({ command }) => command);
    expect(inMenus.filter((id) => !ids.has(id))).toEqual([]);
    const linked = Object.values(texts).flatMap((words) =>
      [...words.matchAll(/\(command:([\w.]+)\)/g)].map(([, id]) => id ?? ''),
    );
    expect(linked).not.toEqual([]);
    expect(linked.filter((id) => id.startsWith('kd.') && !ids.has(id))).toEqual([]);
  });

  it('leave every text that people read to translators', () => {
    const read =
      /^(title|category|label|name|contextualTitle|contents|description|markdownDescription|altText|displayName)$/;
    const places = (value: unknown, place: string): [string, string][] => {
      if (typeof value !== 'object' || value === null) return [];
      return Object.entries(value).flatMap(([key, entry]: [string, unknown]) =>
        typeof entry === 'string' && read.test(key)
          ? [[`${place}.${key}`, entry] as [string, string]]
          : places(entry, `${place}.${key}`),
      );
    };
    const { displayName, description, capabilities } = JSON.parse(text) as Record<string, unknown>;
    const all = places({ displayName, description, capabilities, contributes }, '');
    expect(all.filter(([, entry]) => !/^%[\w.]+%$/.test(entry))).toEqual([]);
    const asked = new Set(all.map(([, entry]) => entry.slice(1, -1)));
    expect([...asked].sort()).toEqual(Object.keys(texts).sort());
  });

  it('names only files that exist', () => {
    const files = [
      ...contributes.languages.flatMap(({ configuration, icon }) => [configuration, ...Object.values(icon)]),
      ...contributes.grammars.map(({ path }) => path),
      ...contributes.viewsContainers.activitybar.map(({ icon }) => icon),
      ...contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ media }) => media.svg)),
    ];
    expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });

  it('keeps what could start a program out of the hands of an untrusted workspace', () => {
    expect(manifest.capabilities.untrustedWorkspaces.supported).toBe('limited');
    expect(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations).toContain('kd.nodePath');
    expect(contributes.configuration.properties['kd.nodePath']?.scope).toBe('machine');
  });

  it('asks for no newer editor than promised', () => {
    const [, major, minor] = /^\^(\d+)\.(\d+)\.\d+$/.exec(manifest.engines.vscode) ?? [];
    expect(Number(major)).toBe(1);
    expect(Number(minor)).toBeLessThanOrEqual(100);
  });
});
