export function HookPanels({ id }: { id: string }) {
  return <p>{id}</p>;
}
