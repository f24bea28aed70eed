// Tables from names to values that are read on hot paths. To V8 an object out of `Object.fromEntries` is a hash table, whatever its
// size: each read of it is a look-up and a call. One from a literal has a shape, and of a constant one values are folded into code.

/** An object of these properties, as a literal would make it. Names are those of a program. */
export function namedValues<Name extends string, Value>(
  names: readonly Name[],
  value: (name: Name, index: number) => Value,
): Readonly<Record<Name, Value>> {
  const members = names.map((name, index) => `${JSON.stringify(name)}: values[${index}]`);
  const make = new Function('values', `return { ${members.join(', ')} };`) as (values: readonly Value[]) => Record<Name, Value>;
  return make(names.map(value));
}
