import { maps } from './properties/maps.ts';

maps.declare();
