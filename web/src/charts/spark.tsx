interface SparkProps {
  values: readonly (number | null)[];
  height?: number;
  token?: string;
}

/** A course in a word's room: no axes, its shape only. Too small to need a drawing library. */
export function Spark({ values, height = 26, token = "--series-1" }: SparkProps) {
  const points = values.map((value, at) => ({ at, value })).filter((p): p is { at: number; value: number } => p.value !== null && Number.isFinite(p.value));
  if (points.length < 2) return <svg height={height} width="100%" aria-hidden />;
  const low = Math.min(...points.map((p) => p.value));
  const high = Math.max(...points.map((p) => p.value));
  const span = high - low || 1;
  const width = 120;
  const x = (at: number) => (at / (values.length - 1)) * width;
  const y = (value: number) => 3 + (1 - (value - low) / span) * (height - 6);
  const line = points.map((p, at) => `${at ? "L" : "M"}${x(p.at).toFixed(1)} ${y(p.value).toFixed(1)}`).join("");
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last) return null;
  return (
    <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" width="100%" height={height} aria-hidden focusable="false" style={{ display: "block", overflow: "visible" }}>
      <path d={`${line}L${x(last.at).toFixed(1)} ${height}L${x(first.at).toFixed(1)} ${height}Z`} fill={`var(${token})`} opacity={0.08} />
      <path d={line} fill="none" stroke={`var(${token})`} strokeWidth={1.5} vectorEffect="non-scaling-stroke" strokeLinejoin="round" />
    </svg>
  );
}
