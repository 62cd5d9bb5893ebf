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
  const labels = labelsOf(question.name.toLowerCase());
  const name = labels.length === 0 ? '.' : labels.join('.');
  const zones = labels.slice(1).map((_, i) => `*.${labels.slice(i + 1).join('.')}`);
  const { type } = question;
  const keys = [name].flatMap((n) => [`${n} ${type}`, `${n} *`]);
  keys.push(...zones.map((zone) => `${zone} ${type}`), ...zones.map((zone) => `${zone} *`), `* ${type}`, '* *');
  const key = keys.find((k) => state.answers[k] !== undefined);
  const found = key === undefined ? undefined : state.answers[key];
  if (found === undefined) return undefined;
  if (!isList(found)) return found;
  const objects = found.filter((a) => typeof a !== 'string');
  if (objects.length > 0) return objects[Math.min(nth, objects.length) - 1];
  return { answer: found.filter((a) => typeof a === 'string') };
}

function isList(value: ScriptedState['answers'][string]): value is readonly string[] | readonly ScriptedAnswer[] {
  return Array.isArray(value);
}
