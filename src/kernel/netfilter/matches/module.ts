import type { AddressFamily } from '../../../network/address.ts';
import type { OptionForms, Options } from '../options.ts';
import type { Match, Rule, TableName } from '../rule.ts';

/** What a match or target may want to know of its rule. */
export interface Place {
  readonly family: AddressFamily;
  readonly table: TableName;
  /** Of the rule: undefined where any will do. */
  readonly protocol: Rule['protocol'];
}

/** The part of a match that its own options decide. */
export type MatchBody = Omit<Match, 'module'>;

/** A kind of match: `-m name`. */
export interface MatchModule {
  readonly options: OptionForms;
  /** Undefined where the options are wrong, which is a problem then. */
  readonly read: (options: Options, place: Place) => MatchBody | undefined;
}
