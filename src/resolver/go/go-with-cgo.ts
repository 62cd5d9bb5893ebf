import type { Process } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import type { Source } from '../../problem/problem.ts';
import type { ResolverDescription } from '../description.ts';
import type { Lookup, LookupResult, Resolver } from '../lookup.ts';
import { filesThenDns } from '../nsswitch.ts';
import { goRelease } from '../releases.ts';
import { hasUnknownWords } from './go.ts';
import { leavesToLibc } from './lookup-order.ts';

/** A program that was built with cgo: Go's own resolver for all that it can do as libc would, libc for the rest. */
export class GoWithCgo implements Resolver {
  readonly #newGo: (description: ResolverDescription) => Resolver;
  readonly #newLibc: (description: ResolverDescription) => Resolver;
  #description: ResolverDescription;
  #hasUnknownWords: boolean;
  #go: Resolver | undefined;
  #libc: Resolver | undefined;

  constructor(
    description: ResolverDescription,
    newGo: (description: ResolverDescription) => Resolver,
    newLibc: (description: ResolverDescription) => Resolver,
  ) {
    this.#description = description;
    this.#hasUnknownWords = hasUnknownWords(description.resolvConf, goRelease(description.release));
    this.#newGo = newGo;
    this.#newLibc = newLibc;
  }

  rewriteResolvConf(source: Source): void {
    this.#description = { ...this.#description, resolvConf: source };
    this.#hasUnknownWords = hasUnknownWords(source, goRelease(this.#description.release));
    this.#go?.rewriteResolvConf(source);
    this.#libc?.rewriteResolvConf(source);
  }

  lookup(lookup: Lookup, trace: TraceId): Process<LookupResult> {
    const { release, nsswitch = filesThenDns } = this.#description;
    if (leavesToLibc(lookup.name, nsswitch, this.#hasUnknownWords, goRelease(release))) {
      this.#libc ??= this.#newLibc(this.#description);
      return this.#libc.lookup(lookup, trace);
    }
    this.#go ??= this.#newGo(this.#description);
    return this.#go.lookup(lookup, trace);
  }
}
