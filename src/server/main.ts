import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { configLanguage } from './config-language.ts';
import { serve } from './server.ts';

// The transport (IPC from the editor, standard streams from other clients and tests) comes from the command line.
serve(createConnection(ProposedFeatures.all), configLanguage);
