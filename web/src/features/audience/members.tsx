import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import type { SegmentMember } from "../../api/live";
import { useFormat, useWords } from "../../i18n/use";
import { now } from "../../lib/days";
import { Button, LinkButton } from "../../ui/controls";
import { refText } from "../../ui/event";
import { Panel } from "../../ui/page";
import { Answer, LoadingPage } from "../../ui/state";
import { Table } from "../../ui/table";
import { WhyPop } from "../../ui/why";
import { memberPage } from "./rulequeries";
import css from "./segments.module.css";

/** How often what follows events is looked at again, in milliseconds. */
export const followEvery = 10_000;

/** The way to what drives its people away. */
export function WhyLeave({ slug }: { slug: string }) {
  const t = useWords();
  return <Link to="/risk" search={{ segment: slug } as never}>{t("segments.whyLeave")}</Link>;
}

/** Who is in a segment that moves as events come, since when, and why. */
export function LiveMembers({ slug }: { slug: string }) {
  const t = useWords();
  const f = useFormat();
  const query = useInfiniteQuery({
    queryKey: ["members", "live", slug],
    queryFn: ({ signal, pageParam }) => memberPage(slug, pageParam || undefined, signal),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
    refetchInterval: followEvery,
    staleTime: 0,
  });
  const at = now();
  return (
    <Panel flush title={t("segments.members")} note={<WhyLeave slug={slug} />} actions={<LinkButton href={`/v1/segments/${encodeURIComponent(slug)}/members.ndjson`} icon="download" download>NDJSON</LinkButton>}>
      <Answer query={query} loading={<LoadingPage />}>
        {(data) => {
          const rows = data.pages.flatMap((page) => page.items ?? []);
          if (rows.length === 0) return <p className={css.all}>{t("segments.nobody")}</p>;
          return (
            <>
              <Table<SegmentMember> label={t("segments.members")} rows={rows} rowKey={(m) => m.customer}
                columns={[
                  { key: "who", head: t("customers.column.customer"), lead: true, cell: (m) => <span className={css.name}><Link to="/customers/$id" params={{ id: m.customer }}>{m.name || refText(m.customer)}</Link>{m.name ? <small>{m.email || refText(m.customer)}</small> : null}</span> },
                  { key: "since", head: t("segments.since"), cell: (m) => (m.since ? <time dateTime={m.since} title={f.moment(m.since)}>{f.ago(m.since, at)}</time> : t("segments.fromStart")) },
                  { key: "why", head: t("why.column"), cell: (m) => <WhyPop segment={slug} customer={m.customer} name={m.name || refText(m.customer)} /> },
                ]} />
              {query.hasNextPage ? <p className={css.all}><Button size="xs" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t("segments.moreMembers", { count: data.pages[0]?.total ?? 0, n: f.int(data.pages[0]?.total) })}</Button></p> : null}
            </>
          );
        }}
      </Answer>
    </Panel>
  );
}
