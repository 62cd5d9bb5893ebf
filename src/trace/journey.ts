import type { Micros } from '../engine/time.ts';

/** What happened on the way of one lookup, for a picture: lanes from the client to the authority. */
export interface Journey {
  readonly lanes: readonly string[];
  readonly sections: readonly Section[];
}

/** One strand: the lookup itself, or an earlier one that filled a cache on its way. */
export interface Section {
  readonly heading: string;
  readonly start: Micros;
  readonly steps: readonly Step[];
}

export type Step =
  /** A message from lane to lane. `lost`: it never arrived. */
  | {
      readonly kind: 'message';
      readonly t: Micros;
      readonly from: number;
      readonly to: number;
      readonly label: string;
      readonly tone: 'query' | 'reply' | 'lost';
    }
  /** Something that happened in one lane. */
  | {
      readonly kind: 'note';
      readonly t: Micros;
      readonly lane: number;
      readonly label: string;
      readonly tone: 'rewrite' | 'hit' | 'miss' | 'source' | 'trouble';
    };
