/** Every id that package.json and the code share; a test proves that both agree. */

export const LANGUAGE = 'kd-yaml';

export const COMMANDS = {
  run: 'kd.run',
  stop: 'kd.stop',
  pause: 'kd.pause',
  resume: 'kd.resume',
  openPanel: 'kd.openPanel',
  queue: 'kd.queue',
  queueCancel: 'kd.queueCancel',
  queueFirst: 'kd.queueFirst',
  queueRetry: 'kd.queueRetry',
  newExperiment: 'kd.newExperiment',
  showLog: 'kd.showLog',
  doctor: 'kd.doctor',
  installRuntime: 'kd.installRuntime',
  check: 'kd.check',
  dryRun: 'kd.dryRun',
  openRunConfig: 'kd.openRunConfig',
  openRunRecord: 'kd.openRunRecord',
  revealRun: 'kd.revealRun',
  copyRunId: 'kd.copyRunId',
  refreshRuns: 'kd.refreshRuns',
  restartServer: 'kd.restartServer',
  showEffective: 'kd.showEffective',
  trainTeacher: 'kd.trainTeacher',
  suggestPair: 'kd.suggestPair',
  showRun: 'kd.showRun',
  compareRuns: 'kd.compareRuns',
  compareConfigs: 'kd.compareConfigs',
  starRun: 'kd.starRun',
  tagRun: 'kd.tagRun',
  noteRun: 'kd.noteRun',
  archiveRun: 'kd.archiveRun',
  deleteRun: 'kd.deleteRun',
  exportRun: 'kd.exportRun',
  reportRun: 'kd.reportRun',
  filterRuns: 'kd.filterRuns',
  showAllRuns: 'kd.showAllRuns',
} as const;
export type CommandId = (typeof COMMANDS)[keyof typeof COMMANDS];

export const VIEWS = { container: 'kd', runs: 'kd.runs' } as const;

/** The editor that shows a run in place of its `run.json`. */
export const RUN_EDITOR = 'kd.run';

/** `when` clauses in package.json ask for these. */
export const CONTEXT_KEYS = { hasRuns: 'kd.hasRuns', isFiltered: 'kd.runsFiltered' } as const;

export const SETTINGS_SECTION = 'kd';
/** Setting to the type and default that package.json declares. */
export const SETTINGS = {
  nodePath: '',
  'panel.openOnRun': true,
  notifyAtEnd: true,
  'inlayHints.enabled': true,
  'trace.server': 'messages',
} as const;
export type SettingName = keyof typeof SETTINGS;

/** Kinds of rows in the Runs view, to which package.json hangs its menus. */
export const RUN_ITEMS = {
  active: 'kd.run.active',
  paused: 'kd.run.paused',
  waiting: 'kd.run.waiting',
  resumable: 'kd.run.resumable',
  done: 'kd.run.done',
} as const;
