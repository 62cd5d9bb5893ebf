import type { Question } from '../../dns/message.ts';
import { labelsOf } from '../../dns/name.ts';
import type { ScriptedAnswer, ScriptedState } from '../description.ts';

/** What a scripted server does where nothing is said: the recorders' `Upstream`. */
const defaults: ScriptedState = {
  mode: 'answer',
  tcp: 'answer',
  delay: 0,
  compress: true,
  limit: 'edns',
  default: 'nxdomain',
  soa: 'test. 60 IN SOA ns.test. host.test. 1 7200 900 1209600 30',
  ra: true,
  aa: false,
  edns: null,
  echo_do: false,
  answers: {},
};

/** A change of a scripted server: `only` replaces all answers, `answers` adds to them. */
export type ScriptedPatch = Partial<ScriptedState> & { readonly only?: ScriptedState['answers'] };

export function patched(state: ScriptedState, { only, answers, ...rest }: ScriptedPatch): ScriptedState {
  return { ...state, ...rest, answers: { ...(only ?? state.answers), ...answers } };
}

export function initialState(said: Partial<ScriptedState>): ScriptedState {
  return patched(defaults, said);
}

/** Is this the `. NS` query by which a forwarder probes? */
export function isProbe(question: Question): boolean {
  return question.name === '.' && question.type === 'NS';
}

/** The answer for a question, the most exact key first; `nth` counts this question from 1. */
export function findAnswer(state: ScriptedState, question: Question, nth: number): ScriptedAnswer | undefined {
  const found = entryFor(state.answers, question);
  if (found === undefined) return undefined;
  if (!isList(found)) return found;
  const objects = found.filter((a) => typeof a !== 'string');
  if (objects.length > 0) return objects[Math.min(nth, objects.length) - 1];
  return { answer: found.filter((a) => typeof a === 'string') };
}

/** Keys are looked up one after the other: most questions have one of their own. */
function entryFor(
  answers: ScriptedState['answers'],
  { name: asked, type }: Question,
): ScriptedState['answers'][string] | undefined {
  const labels = labelsOf(asked.toLowerCase());
  const name = labels.length === 0 ? '.' : labels.join('.');
  const own = answers[`${name} ${type}`] ?? answers[`${name} *`];
  if (own !== undefined) return own;
  const zones = labels.slice(1).map((_, i) => `*.${labels.slice(i + 1).join('.')}`);
  for (const wanted of [type, '*']) {
    const zone = zones.find((one) => answers[`${one} ${wanted}`] !== undefined);
    if (zone !== undefined) return answers[`${zone} ${wanted}`];
  }
  return answers[`* ${type}`] ?? answers['* *'];
}

function isList(value: ScriptedState['answers'][string]): value is readonly string[] | readonly ScriptedAnswer[] {
  return Array.isArray(value);
}
