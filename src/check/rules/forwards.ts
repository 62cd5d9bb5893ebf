import type { BlockView, CorefileView, ForwardView } from '../corefile/view.ts';
import type { Found } from '../finding.ts';

/** What is found in each forward line of a file. */
export function eachForward(
  { blocks }: CorefileView,
  find: (forward: ForwardView, block: BlockView) => readonly Found[],
): Found[] {
  return blocks.flatMap((block) => block.forwards.flatMap((one) => find(one, block)));
}

/** Is no upstream of the line ever asked over UDP? */
export function neverOverUdp({ options, targets }: ForwardView): boolean {
  return options.forceTcp || targets.every(({ to }) => to.every(({ scheme }) => scheme === 'tls'));
}
