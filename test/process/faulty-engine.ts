/** The engine of the product, on a disk that fails where a test says. */
import './faults.ts';
import '../../src/engine/main.ts';
