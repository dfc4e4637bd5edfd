// A small set drawn on one 20-point grid with one stroke, so that they sit together.
const paths = {
  overview: "M3 10.5 10 4l7 6.5M5 9v7.5h10V9",
  customers: "M7.2 9.5a2.9 2.9 0 1 0 0-5.8 2.9 2.9 0 0 0 0 5.8ZM2 16.5c.4-3 2.5-4.6 5.2-4.6s4.8 1.6 5.2 4.6M13 4.2a2.6 2.6 0 0 1 0 5M14.6 12.2c1.9.5 3.1 2 3.4 4.3",
  rfm: "M3.5 3.5h5.6v5.6H3.5zM11 3.5h5.5v5.6H11zM3.5 11h5.6v5.5H3.5zM11 11h5.5v5.5H11z",
  cohorts: "M3.5 3.5v13h13M6.5 13.5v-7M10 13.5V8.3M13.5 13.5v-3",
  value: "M10 2.8v14.4M13.8 6.1c-.6-1.2-2-1.9-3.8-1.9-2.2 0-3.7 1-3.7 2.7 0 3.9 7.7 2 7.7 5.9 0 1.8-1.6 2.9-4 2.9-2.1 0-3.6-.9-4.1-2.4",
  recommendations: "M3.5 8.2h13V16.5h-13zM2.5 5.2h15v3h-15zM10 5.2v11.3M10 5.2C8.6 2 5.4 2.3 5.6 4c.1.9 1.6 1.2 4.4 1.2M10 5.2c1.4-3.2 4.6-2.9 4.4-1.2-.1.9-1.6 1.2-4.4 1.2",
  predictions: "M10 2.8l1.6 4.1 4.4.3-3.4 2.8 1.1 4.3L10 11.9l-3.7 2.4 1.1-4.3L4 7.2l4.4-.3zM3.5 17h13",
  segments: "M7.6 13.4a5 5 0 1 0 0-9.9 5 5 0 0 0 0 9.9ZM12.4 16.5a5 5 0 1 0 0-9.9 5 5 0 0 0 0 9.9Z",
  import: "M10 13V3.5M6.3 7 10 3.4 13.7 7M3.5 12.5v4h13v-4",
  download: "M10 3.5V13M6.3 9.4 10 13l3.7-3.6M3.5 12.5v4h13v-4",
  search: "M9 15a6 6 0 1 0 0-12 6 6 0 0 0 0 12ZM13.5 13.5 17 17",
  sun: "M10 13.4a3.4 3.4 0 1 0 0-6.8 3.4 3.4 0 0 0 0 6.8ZM10 2v1.6M10 16.4V18M2 10h1.6M16.4 10H18M4.3 4.3l1.2 1.2M14.5 14.5l1.2 1.2M15.7 4.3l-1.2 1.2M5.5 14.5l-1.2 1.2",
  moon: "M16.5 11.8A7 7 0 0 1 8.2 3.5a7 7 0 1 0 8.3 8.3Z",
  menu: "M3 5.5h14M3 10h14M3 14.5h14",
  close: "M5 5l10 10M15 5 5 15",
  table: "M3.5 4h13v12h-13zM3.5 8h13M3.5 12h13M8.5 8v8",
  chart: "M3.5 3.5v13h13M6 12.5l3.2-3.6 2.6 2.2L16 6",
  right: "M7.5 4.5 13 10l-5.5 5.5",
  left: "M12.5 4.5 7 10l5.5 5.5",
  down: "M4.5 7.5 10 13l5.5-5.5",
  up: "M4.5 12.5 10 7l5.5 5.5",
  calendar: "M3.5 5h13v11.5h-13zM3.5 8.5h13M7 3v3.5M13 3v3.5",
  warning: "M10 3.2 17.5 16.5h-15zM10 8v4M10 14.1v.3",
  check: "M4 10.5 8.2 14.7 16 6",
  file: "M5 2.8h6.5L15.5 7v10.2H5zM11.2 3v4.2h4.1",
  info: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM10 9.2V14M10 6.2v.3",
  leave: "M8.5 4H4v12h4.5M12.5 6.5 16 10l-3.5 3.5M15.8 10H8",
  live: "M2.5 10h3.2l2-5.6 4 11.2 2.1-5.6h3.7",
  sources: "M6.5 3v4.2M13.5 3v4.2M4.8 7.2h10.4v2.9a5.2 5.2 0 0 1-10.4 0zM10 15.3V18",
  settings: "M3 6h7.5M14.5 6H17M3 14h2.5M9.5 14H17M12.5 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM7.5 16a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z",
  copy: "M7 7h9.5v9.5H7zM13 7V3.5H3.5V13H7",
  plus: "M10 4v12M4 10h12",
  minus: "M4 10h12",
  pause: "M7 4.5v11M13 4.5v11",
  play: "M6.5 4.2v11.6l9-5.8z",
  trash: "M4 6h12M8 6V3.8h4V6M5.5 6l.7 10.2h7.6L14.5 6M8.5 9v4.5M11.5 9v4.5",
  edit: "M4 16l.8-3.6 8.4-8.4 2.8 2.8-8.4 8.4zM11.5 5.7l2.8 2.8",
  grip: "M7.5 5v.1M12.5 5v.1M7.5 10v.1M12.5 10v.1M7.5 15v.1M12.5 15v.1",
  lock: "M5 9h10v7.5H5zM7 9V6.5a3 3 0 0 1 6 0V9",
  archive: "M3.5 4h13v3.5h-13zM4.5 7.5v8.5h11V7.5M8 10.5h4",
  undo: "M7.5 4.5 4 8l3.5 3.5M4.3 8h7.2a4 4 0 0 1 0 8H8",
  redo: "M12.5 4.5 16 8l-3.5 3.5M15.7 8H8.5a4 4 0 0 0 0 8H12",
  code: "M7 6l-4 4 4 4M13 6l4 4-4 4",
  merge: "M5 3.5v3.2c0 3.3 5 3.3 5 6.6v3.2M15 3.5v3.2c0 3.3-5 3.3-5 6.6",
  key: "M12.7 10.6a3.8 3.8 0 1 0-3.3-3.3L3.5 13.2v3.3h3.3v-2h2v-2h1.5z",
  shield: "M10 3l6 2.2v4.3c0 3.6-2.5 6.2-6 7.5-3.5-1.3-6-3.9-6-7.5V5.2z",
  external: "M8 4.5H4v11.5h11.5V12M11.5 3.5h5v5M16.2 3.8 9.5 10.5",
} as const;

export type IconName = keyof typeof paths;

/** A picture beside words: hidden from screen readers, which read the words. */
export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth={1.5} strokeLinecap="round" strokeLinejoin="round" aria-hidden focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
