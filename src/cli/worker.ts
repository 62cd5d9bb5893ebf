// A thread of `dnspath run`: runs the scenarios that it is sent, one after the other.
import { parentPort } from 'node:worker_threads';
import { type RunTask, runTask } from './run-task.ts';

parentPort?.on('message', async (task: RunTask) => parentPort?.postMessage(await runTask(task)));
