/** So many keys are remembered, then it begins anew. */
const most = 256;

/** Makes one thing for each key, such as what a text says, for all who ask: much of a cluster is alike. It must not change. */
export function madeOnce<K, T>(make: (key: K) => T): (key: K) => T {
  const known = new Map<K, { readonly value: T }>();
  return (key) => {
    let entry = known.get(key);
    if (entry === undefined) {
      entry = { value: make(key) };
      if (known.size >= most) known.clear();
      known.set(key, entry);
    }
    return entry.value;
  };
}

/** As `madeOnce`, for what is asked for several times in a row: only the last key is remembered. */
export function madeLast<K, T>(make: (key: K) => T): (key: K) => T {
  let last: { readonly key: K; readonly value: T } | undefined;
  return (key) => {
    if (last === undefined || last.key !== key) last = { key, value: make(key) };
    return last.value;
  };
}
