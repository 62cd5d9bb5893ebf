/** So many texts are remembered, then it begins anew. */
const most = 256;

/** Reads each text once for all who have the same, as the files of a cluster's pods are alike; what comes of it must not change. */
export function readOnce<T>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, { readonly value: T }>();
  return (text) => {
    let entry = known.get(text);
    if (entry === undefined) {
      entry = { value: read(text) };
      if (known.size >= most) known.clear();
      known.set(text, entry);
    }
    return entry.value;
  };
}
