/** The items of some lists in one list; the only list itself. Not flatMap, which takes several times as long for 100 000 items. */
export function joined<Item>(lists: readonly (readonly Item[])[]): readonly Item[] {
  const [only, ...others] = lists;
  if (only && others.length === 0) return only;
  return ([] as Item[]).concat(...lists);
}
