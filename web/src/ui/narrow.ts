import { useEffect, useState } from "react";

/** Whether the window is as narrow as a phone, for what style sheets cannot say. */
export function useNarrow(width = 760): boolean {
  const [narrow, setNarrow] = useState(() => matchMedia(`(max-width: ${width}px)`).matches);
  useEffect(() => {
    const media = matchMedia(`(max-width: ${width}px)`);
    const follow = () => setNarrow(media.matches);
    media.addEventListener("change", follow);
    follow();
    return () => media.removeEventListener("change", follow);
  }, [width]);
  return narrow;
}
