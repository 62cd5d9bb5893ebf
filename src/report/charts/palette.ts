/** Okabe and Ito's colours, told apart with any kind of colour vision; texts on them keep a contrast of 4.5. */
export interface Paint {
  readonly fill: string;
  readonly ink: string;
}

const black = '#000000';
const white = '#ffffff';

/** Addresses in the order in which they were first seen: the old one is orange, the new one blue. */
const addressPaints: readonly Paint[] = [
  { fill: '#e69f00', ink: black },
  { fill: '#0072b2', ink: white },
  { fill: '#009e73', ink: black },
  { fill: '#cc79a7', ink: black },
  { fill: '#56b4e9', ink: black },
  { fill: '#f0e442', ink: black },
];

/** Of all addresses beyond those that have a colour of their own. */
export const otherPaint: Paint = { fill: '#a6adb5', ink: black };

/** Paint of the nth address. */
export function addressPaint(index: number): Paint {
  return addressPaints[index] ?? otherPaint;
}

export const failureOutline = '#d55e00';
export const failurePaint: Paint = { fill: '#fbe5d6', ink: black };

/** Inks of what is not data. */
export const ink = { text: '#1f2933', quiet: '#55606e', line: '#d7dbe0', box: '#eef1f4', outline: '#000000' } as const;
