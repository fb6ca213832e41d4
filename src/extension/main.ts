import * as vscode from 'vscode';
import { findRoot } from '../config/root.ts';
import { registerCommands } from './commands.ts';
import { checkConfig, newExperiment, suggestPair } from './config-commands.ts';
import { runDoctor } from './doctor.ts';
import { runDryRun } from './dry-run.ts';
import { EffectiveConfigs } from './effective-configs.ts';
import { removeUnusedEngines } from './engine/engine-copy.ts';
import { COMMANDS } from './ids.ts';
import { installRuntime } from './install-runtime.ts';
import { LanguageHost } from './language/language-host.ts';
import { measureGap } from './measure-gap.ts';
import { PanelController } from './panel/panel-controller.ts';
import { cancelQueued, queueConfig, queueFirst, retryQueued } from './queue-commands.ts';
import { archiveRuns, noteRuns, starRuns, tagRuns } from './label-commands.ts';
import {
  compareConfigs,
  compareRunsInPanel,
  deleteRuns,
  exportRun,
  reportRuns,
  showRun,
} from './record-commands.ts';
import { report } from './report.ts';
import {
  copyRunId,
  openPanel,
  openRunConfig,
  openRunRecord,
  pauseRun,
  resumeRun,
  revealRun,
  showLog,
  startRun,
  stopRun,
  trainTeacher,
} from './run-commands.ts';
import { EndNotifier } from './runs/end-notifier.ts';
import { QueueKeeper } from './runs/queue-keeper.ts';
import { RunControl } from './runs/run-control.ts';
import { RunsView } from './runs/runs-view.ts';
import { RunsWatcher } from './runs/runs-watcher.ts';
import { RunEditor } from './panel/run-editor.ts';
import { RecordDiffs } from './runs/record-diffs.ts';
import { StatusBar } from './runs/status-bar.ts';
import { WorkspaceRoots } from './runs/workspace-roots.ts';

export function activate(context: vscode.ExtensionContext): void {
  const started = performance.now();
  const own = <T extends vscode.Disposable>(part: T): T => {
    context.subscriptions.push(part);
    return part;
  };
  const log = own(vscode.window.createOutputChannel('KD Workbench', { log: true }));
  try {
    const { extensionPath, extensionUri } = context;
    const runs = own(new RunsWatcher((message) => log.warn(message)));
    const control = new RunControl(context, runs, log);
    const panelServices = {
      ...{ extensionUri, runs, log },
      measureGap: (run: string, student: string | null) => measureGap(run, student, extensionPath, log),
    };
    const panels = own(new PanelController(panelServices));
    const language = own(new LanguageHost(extensionPath, runs, log));
    const effective = own(new EffectiveConfigs(language));
    const services = { runs, control, panels, log };
    const view = own(new RunsView(runs, context.workspaceState));
    own(
      registerCommands(
        {
          [COMMANDS.run]: (argument) => startRun(argument, services),
          [COMMANDS.stop]: (argument) => stopRun(argument, services),
          [COMMANDS.pause]: (argument) => pauseRun(argument, services),
          [COMMANDS.resume]: (argument) => resumeRun(argument, services),
          [COMMANDS.openPanel]: (argument) => openPanel(argument, services),
          [COMMANDS.queue]: (argument) => queueConfig(argument, services),
          [COMMANDS.queueCancel]: (argument) => cancelQueued(argument, services),
          [COMMANDS.queueFirst]: (argument) => queueFirst(argument, services),
          [COMMANDS.queueRetry]: (argument) => retryQueued(argument, services),
          [COMMANDS.newExperiment]: (argument) => newExperiment(argument, extensionPath),
          [COMMANDS.showLog]: (argument) => showLog(argument, services),
          [COMMANDS.doctor]: () => runDoctor(extensionPath, log),
          [COMMANDS.installRuntime]: () => installRuntime(extensionPath),
          [COMMANDS.check]: (argument) => checkConfig(argument, language),
          [COMMANDS.dryRun]: (argument) => runDryRun(argument, extensionPath, language, log),
          [COMMANDS.openRunConfig]: (argument) => openRunConfig(argument, services),
          [COMMANDS.openRunRecord]: (argument) => openRunRecord(argument, services),
          [COMMANDS.revealRun]: (argument) => revealRun(argument, services),
          [COMMANDS.copyRunId]: (argument) => copyRunId(argument, services),
          [COMMANDS.refreshRuns]: () => runs.refresh(),
          [COMMANDS.restartServer]: () => language.restart(),
          [COMMANDS.showEffective]: (argument) => effective.show(argument),
          [COMMANDS.trainTeacher]: (argument) => trainTeacher(argument, services),
          [COMMANDS.suggestPair]: (argument) => suggestPair(argument, language),
          [COMMANDS.showRun]: (argument) => showRun(argument, services),
          [COMMANDS.compareRuns]: (argument, all) => compareRunsInPanel(argument, all, services),
          [COMMANDS.compareConfigs]: (argument, all) => compareConfigs(argument, all, services),
          [COMMANDS.starRun]: (argument, all) => starRuns(argument, all, services),
          [COMMANDS.tagRun]: (argument, all) => tagRuns(argument, all, services),
          [COMMANDS.noteRun]: (argument, all) => noteRuns(argument, all, services),
          [COMMANDS.archiveRun]: (argument, all) => archiveRuns(argument, all, services),
          [COMMANDS.deleteRun]: (argument, all) => deleteRuns(argument, all, services),
          [COMMANDS.exportRun]: (argument) => exportRun(argument, services, extensionPath),
          [COMMANDS.reportRun]: (argument, all) => reportRuns(argument, all, services),
          [COMMANDS.filterRuns]: () => view.chooseFilter(),
          [COMMANDS.showAllRuns]: () => view.clearFilter(),
        },
        log,
      ),
    );
    own(new RecordDiffs(own(new RunEditor(panelServices))));
    own(new StatusBar(runs));
    own(new QueueKeeper(runs, control, (message) => log.warn(message)));
    own(new WorkspaceRoots(runs, findRoot));
    own(new EndNotifier(runs, context, log));
    void removeUnusedEngines(context.globalStorageUri.fsPath, Date.now());
    log.info(`ready in ${Math.round(performance.now() - started)} ms`);
  } catch (error) {
    void report(error, log);
  }
}
