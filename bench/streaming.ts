// Runs the M/M/1 queue with every record streamed to nowhere; prints the most memory it took, in KiB.
import { openSync, writeSync } from 'node:fs';
import { EventStream } from '../src/report/events.ts';
import { engineLoop } from './queue-model.ts';

const nowhere = openSync('/dev/null', 'w');
engineLoop(
  Number(process.argv[2]),
  new EventStream((line) => {
    writeSync(nowhere, line);
  }),
);
console.log(process.resourceUsage().maxRSS);
