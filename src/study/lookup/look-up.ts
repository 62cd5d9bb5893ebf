import { type Problem, ProblemsFound, type Source } from '../../problem/problem.ts';
import { didYouMean } from '../../problem/suggestion.ts';
import type { Change } from '../../scenario/changes/change.ts';
import type { Files } from '../../scenario/files.ts';
import { loadScenario } from '../../scenario/load.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { type Conversation, conversationsIn } from '../../trace/conversation.ts';
import { type FinishedRun, run } from '../run.ts';
import { type LookupRequest, surroundingsOf } from './surroundings.ts';

/** One lookup that was made in a cluster of its own. */
export interface MadeLookup {
  readonly request: LookupRequest;
  readonly run: FinishedRun;
  readonly conversation: Conversation;
  /** The same name with a final dot, where it was given without and something was found that way. */
  readonly withDot: Conversation | undefined;
  /** A sentence each: what was taken for granted of the surroundings. */
  readonly said: readonly string[];
  /** Can CoreDNS be asked? Else resolv.conf is that of a machine outside. */
  readonly inCluster: boolean;
}

/**
 * Makes one lookup without a scenario file. `everyday`: the scenario whose cluster it is made in. Throws `ProblemsFound`
 * with every mistake in what was asked for.
 */
export function lookUp(request: LookupRequest, everyday: string, files: Files): MadeLookup {
  const made = makeLookup(request, everyday, files);
  const hasList = !request.name.endsWith('.') && made.conversation.names.length > 0;
  const withDot = hasList ? makeLookup({ ...request, name: `${request.name}.` }, everyday, files) : undefined;
  return { ...made, withDot: withDot?.conversation };
}

/** How long the cluster is watched, and how long where the lookup has not returned by then. */
const usually = '1m';
const atMost = '15m';

function makeLookup(request: LookupRequest, everyday: string, files: Files): Omit<MadeLookup, 'withDot'> {
  const cluster = loadScenario(everyday, files);
  const problems: Problem[] = [];
  const given = {
    resolvConf: readOrObject('--resolv-conf', request.resolvConf, files, problems),
    corefile: readOrObject('--corefile', request.corefile, files, problems),
    nodeLocal: readOrObject('--node-local', request.nodeLocal, files, problems),
  };
  const texts = { ...given, corefile: given.corefile ?? cluster.artefacts.corefile };
  const asked = { ...request, resolvConf: given.resolvConf?.file, corefile: given.corefile?.file };
  const { changes, said, unknown, upstreams, inCluster } = surroundingsOf(asked, cluster, texts);
  // Without a file that was named nobody knows whom it names.
  if (problems.length === 0) problems.push(...unknown.map((address) => strayUpstream(address, upstreams)));
  const runFor = (duration: string) => {
    const lasting: Change = { kind: 'value', file: 'lookup', path: ['duration'], value: duration };
    const finished = run(load(everyday, [...changes, lasting], files, problems), { seed: request.seed });
    const [conversation] = conversationsIn(finished.store, finished.world);
    if (conversation === undefined) throw new Error('the lookup was not made');
    return { request, run: finished, conversation, said, inCluster };
  };
  const short = runFor(usually);
  return short.conversation.end === undefined ? runFor(atMost) : short;
}

function readOrObject(option: string, path: string | undefined, files: Files, problems: Problem[]): Source | undefined {
  const text = path === undefined ? undefined : files.read(path);
  if (path === undefined) return undefined;
  if (text !== undefined) return { file: path, text };
  const message = files.isDirectory(path) ? `${path} is a directory` : `there is no file ${path}`;
  const hint = 'name a file, such as one that kubectl has printed';
  problems.push({ code: 'missing-file', file: option, line: 1, column: 1, message, hint });
  return undefined;
}

/** Says what is wrong with the surroundings beside what is wrong with the files. */
function load(path: string, changes: readonly Change[], files: Files, own: readonly Problem[]): Scenario {
  try {
    const scenario = loadScenario(path, files, { changes });
    if (own.length > 0) throw new ProblemsFound(own);
    return scenario;
  } catch (error) {
    if (!(error instanceof ProblemsFound) || error.problems === own) throw error;
    throw new ProblemsFound([...asTyped(error.problems), ...own], error.texts);
  }
}

/** In the words of who typed it: not by a key of the scenario, nor for what was only made from it. */
function asTyped(problems: readonly Problem[]): Problem[] {
  const typed = problems.filter(({ file }) => file !== 'lookup');
  return (typed.length > 0 ? typed : problems).map((problem) => ({
    ...problem,
    message: problem.message.replace(/^(workloads|pods)\.app\.\w+ /, ''),
  }));
}

function strayUpstream(address: string, upstreams: readonly string[]): Problem {
  return {
    code: 'unknown-upstream',
    file: '--upstream',
    line: 1,
    column: 1,
    message: `nobody asks ${address}: neither resolv.conf nor the Corefile names it`,
    hint: didYouMean(address, upstreams, 'those that are asked'),
  };
}
