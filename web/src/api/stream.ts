// What happens, as it happens: server-sent events, with a line that mends itself.

export type Line = "connecting" | "open" | "lost";

interface Listener<T> {
  onItem: (item: T) => void;
  onLine: (line: Line) => void;
}

const firstWait = 1000;
const longestWait = 15_000;

/**
 * Listens until the answer is called. The browser takes up a broken line by itself; where the server refuses (it restarts, or a
 * proxy answers for it) the browser gives up, and then we try again, ever more slowly.
 */
export function listen<T>(url: string, { onItem, onLine }: Listener<T>): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait = firstWait;
  let ended = false;

  const open = () => {
    onLine("connecting");
    const opened = new EventSource(url);
    source = opened;
    opened.addEventListener("open", () => {
      wait = firstWait;
      onLine("open");
    });
    opened.addEventListener("message", (event: MessageEvent<string>) => {
      try {
        onItem(JSON.parse(event.data) as T);
      } catch {
        // A heartbeat or half a line is not an event.
      }
    });
    opened.addEventListener("error", () => {
      if (ended) return;
      onLine("lost");
      if (opened.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(open, wait);
      wait = Math.min(longestWait, wait * 2);
    });
  };
  open();
  return () => {
    ended = true;
    clearTimeout(timer);
    source?.close();
  };
}
