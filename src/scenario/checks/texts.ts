import type { Problems, Source } from '../../problem/problem.ts';
import type { Remark } from '../scenario.ts';

/** The Corefile must parse, and name only directives and options that are modelled for the release. */
export function checkCorefile(_source: Source, _release: string, _problems: Problems): void {}

/** The zone file must parse. */
export function checkZone(_source: Source, _origin: string, _problems: Problems): void {}

/** Lines that the resolver ignores or cuts are remarked on. */
export function checkResolvConf(_source: Source, _remarks: Remark[]): void {}
