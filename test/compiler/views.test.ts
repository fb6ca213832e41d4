import { views } from './properties/views.ts';

views.declare();
