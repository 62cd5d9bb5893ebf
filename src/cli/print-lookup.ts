import type { LookupRequest } from '../index.ts';
import { ProblemsFound } from '../problem/problem.ts';
import { complainOf, inSum } from './complain.ts';
import { disk } from './disk.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import { starterDirectory } from './starter.ts';
import type { Terminal } from './terminal.ts';

/** Makes one lookup and prints its queries. */
export async function printLookup(
  request: LookupRequest,
  { hops, json }: { readonly hops: boolean; readonly json: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  const { explain, lookUp } = await import('../index.ts');
  try {
    const made = lookUp(request, starterDirectory(), disk);
    if (json) {
      const { lookupJson } = await import('../report/lookup-json.ts');
      terminal.print(JSON.stringify(lookupJson(made)));
      return exitCode.fine;
    }
    const { lookupText } = await import('../report/lookup-text.ts');
    terminal.print(lookupText(made, terminal).trimEnd());
    if (hops && made.conversation.end !== undefined) {
      const { explainText } = await import('../report/explain-text.ts');
      const selection = { lookups: ['app/0'], workload: undefined, at: undefined, failures: false, stale: false };
      const { stories } = explain(made.run, { ...selection, slowest: 0 });
      terminal.print(`\n${explainText(made.run, stories, terminal).trimEnd()}`);
    }
    return exitCode.fine;
  } catch (error) {
    if (!(error instanceof ProblemsFound)) throw error;
    complainOf(error.problems, error.texts, terminal);
    terminal.complain(inSum(error.problems.length, 'nothing was looked up'));
    return exitCode.badInput;
  }
}
