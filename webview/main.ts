import './styles/panel.css';
import { PANEL_PROTOCOL } from '../src/protocol/panel.ts';
import { Announcer } from './announcer.ts';
import { Host } from './host.ts';
import { Memory } from './memory.ts';
import { Page } from './page.ts';
import { Recovery } from './recovery.ts';
import { RunStore } from './run-store.ts';
import { onThemeChange } from './theme.ts';

/** The panel: what the host tells goes into the store, the page draws it, what the person does goes to the host. */
const store = new RunStore();
const announcer = new Announcer();
const recovery = new Recovery((reason) => host.send({ type: 'resync', reason }));
const host = new Host(
  (message) => {
    recovery.took(message, store.take(message));
    page.changed();
  },
  (message, problem) => {
    recovery.refused(message, problem);
    page.changed();
  },
);
const memory = new Memory(host);
const page = new Page({ store, recovery, host, memory, announcer });

document.getElementById('panel')?.append(page.element, announcer.element);
onThemeChange(() => page.retheme());
addEventListener('error', (event) => host.send({ type: 'problem', message: event.message.slice(0, 2000) }));
page.changed();
host.send({ type: 'ready', version: PANEL_PROTOCOL, run: memory.choices.run });
