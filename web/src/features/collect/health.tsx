import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { statusQuery } from "../../api/status";
import { Spark } from "../../charts/spark";
import { useFormat, useWords } from "../../i18n/use";
import { Tag } from "../../ui/badge";
import { Note } from "../../ui/state";
import { Stat, Stats } from "../../ui/stat";
import { summaryQuery } from "./livequeries";
import { rateOf, type Reading } from "./rate";

const readings = 60;

/** How many events a second came in lately, newest last. */
export function useRates(): (number | null)[] {
  const summary = useQuery(summaryQuery);
  const last = useRef<Reading | null>(null);
  const [rates, setRates] = useState<(number | null)[]>([]);
  useEffect(() => {
    if (!summary.data) return;
    const now = { at: summary.dataUpdatedAt, events: summary.data.events };
    const rate = rateOf(last.current, now);
    last.current = now;
    if (rate !== null) setRates((before) => [...before, rate].slice(-readings));
  }, [summary.data, summary.dataUpdatedAt]);
  return rates;
}

const tones = { ok: "good", behind: "warn", stalled: "bad", full: "bad" } as const;

/** Whether events come in, and whether the rooms behind keep up. */
export function HealthStrip() {
  const t = useWords();
  const f = useFormat();
  const { data: status } = useQuery(statusQuery);
  const { data: summary } = useQuery(summaryQuery);
  const rates = useRates();
  const log = status?.log;
  const now = rates.at(-1);
  return (
    <>
    {log && log.state !== "ok" && log.problem ? <Note tone={log.state === "behind" ? "warn" : "bad"}>{log.problem}</Note> : null}
    <Stats>
      <Stat label={t("live.health.rate")} meaning={t("live.health.rateMeaning")} value={now === undefined || now === null ? "–" : f.rate(now)}
        aside={log ? <Tag tone={tones[log.state] ?? "plain"}>{t(`live.health.state.${log.state}`)}</Tag> : null} picture={<Spark values={rates} />} />
      <Stat label={t("live.health.total")} value={f.compact(summary?.events)} exact={f.int(summary?.events)} below={summary ? t("live.health.people", { count: summary.people, n: f.int(summary.people) }) : undefined} />
      <Stat label={t("live.health.lag")} meaning={t("live.health.lagMeaning")} value={f.int(log?.lag_events ?? log?.lag_messages)} below={log && (log.lag_events ?? log.lag_messages) > 0 ? t("live.health.oldest", { time: f.seconds(log.oldest_unprocessed_s) }) : undefined} />
      <Stat label={t("live.health.duplicates")} meaning={t("live.health.duplicatesMeaning")} value={f.int(summary?.duplicates)} />
      <Stat label={t("live.health.disk")} value={f.bytes(log?.bytes)} below={log?.disk_free_bytes ? t("live.health.free", { bytes: f.bytes(log.disk_free_bytes) }) : undefined} />
    </Stats>
    </>
  );
}
