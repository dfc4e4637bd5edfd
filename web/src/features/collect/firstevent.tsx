import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";

import type { LiveEvent } from "../../api/live";
import { listen, type Line } from "../../api/stream";
import { useFormat, useWords } from "../../i18n/use";
import { FateTag, personOf, TroubleNote } from "../../ui/event";
import { GoLink } from "../../ui/golink";
import { Icon } from "../../ui/icons";
import { events, liveAddress } from "./livequeries";
import css from "./sources.module.css";

/** Waits for the first event of a source, and says so when it is here. */
export function FirstEvent({ source }: { source: string }) {
  const t = useWords();
  const f = useFormat();
  const [event, setEvent] = useState<LiveEvent | null>(null);
  const [line, setLine] = useState<Line>("connecting");
  useEffect(() => {
    let ended = false;
    const take = (come: LiveEvent) => {
      if (!ended) setEvent((before) => before ?? come);
    };
    // It may have come between the making of the key and now.
    events({ source }).then((page) => page.items?.[0] && take(page.items[0])).catch(() => undefined);
    const stop = listen<LiveEvent>(liveAddress({ source }), { onItem: take, onLine: (next) => !ended && setLine(next) });
    return () => {
      ended = true;
      stop();
    };
  }, [source]);
  if (!event) {
    return (
      <div className={css.waiting} role="status">
        <span className={css.radar} aria-hidden />
        <div><p className={css.waitingTitle}>{t("wizard.waiting")}</p><p className={css.waitingText}>{line === "lost" ? t("live.line.lost") : t("wizard.waitingHint")}</p></div>
      </div>
    );
  }
  return (
    <div className={css.seen}>
      <div className={css.waiting} role="status">
        <span className={css.mark}><Icon name="check" size={22} /></span>
        <div>
          <p className={css.waitingTitle}>{t("wizard.seen")}</p>
          <p className={css.waitingText}><b>{event.name || t("live.unnamed")}</b> · {f.clock(event.received_at)} · {personOf(event)} <FateTag fate={event.fate} /></p>
        </div>
      </div>
      {event.fate === "quarantined" ? <TroubleNote reason={event.reason ?? ""} sentence={event.sentence ?? ""} next={event.next} /> : null}
      <div className={css.next}>
        <GoLink to="/live" search={{ source }} icon="live">{t("wizard.watch")}</GoLink>
        <GoLink to="/segments/new" look="quiet" icon="segments">{t("wizard.segment")}</GoLink>
        <Link to="/sources">{t("wizard.toSources")}</Link>
      </div>
    </div>
  );
}
