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
    const panels = own(
      new PanelController({
        ...{ extensionUri, runs, log },
        measureGap: (run, student) => measureGap(run, student, extensionPath, log),
      }),
    );
    const language = own(new LanguageHost(extensionPath, runs, log));
    const effective = own(new EffectiveConfigs(language));
    const services = { runs, control, panels, log };
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
        },
        log,
      ),
    );
    own(new RunsView(runs));
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
