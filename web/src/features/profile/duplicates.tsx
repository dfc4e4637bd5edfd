import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import type { Duplicate } from "../../api/live";
import { useFormat, useWords } from "../../i18n/use";
import { Meter, Tag } from "../../ui/badge";
import { Button } from "../../ui/controls";
import { refText } from "../../ui/event";
import { Icon } from "../../ui/icons";
import { Page, Panel } from "../../ui/page";
import { JobProgress } from "../../ui/progress";
import { Answer, Empty, ErrorNote, LoadingPage } from "../../ui/state";
import { Table } from "../../ui/table";
import css from "./people.module.css";
import { MergeDialog } from "./mergedialog";
import { dismissDuplicate, duplicatesQuery, searchDuplicates } from "./peoplequeries";

/** Pairs that may be one person. A person decides. */
export function DuplicatesScreen() {
  const t = useWords();
  const f = useFormat();
  const queries = useQueryClient();
  const query = useQuery(duplicatesQuery);
  const [merging, setMerging] = useState<Duplicate | null>(null);
  const again = () => queries.invalidateQueries({ queryKey: ["duplicates"] });
  const dismiss = useMutation({ mutationFn: (one: Duplicate) => dismissDuplicate(one.id), onSuccess: again });
  const search = useMutation({ mutationFn: searchDuplicates, onSuccess: again });
  const items = query.data?.items ?? [];
  const job = query.data?.job;
  const person = (ref: string, name: string | undefined) => <span className={css.person}><Link to="/customers/$id" params={{ id: ref }}>{name || refText(ref)}</Link>{name ? <small>{refText(ref)}</small> : null}</span>;
  return (
    <Page title={t("duplicates.title")} lede={query.data?.made_at ? t("duplicates.lede", { count: items.length, n: f.int(items.length) }) : undefined}
      above={<Link to="/customers" className={css.back}><Icon name="left" size={14} />{t("customers.title")}</Link>}
      actions={query.data ? <Button variant={query.data.made_at ? "plain" : "primary"} busy={search.isPending} disabled={Boolean(job)} onClick={() => search.mutate()}>{t(query.data.made_at ? "duplicates.again" : "duplicates.search")}</Button> : undefined}>
      {search.error ? <ErrorNote error={search.error} /> : null}
      {job ? <Panel title={t("duplicates.running")}><JobProgress job={job} /></Panel> : null}
      {!job && query.data?.made_at ? <p className={css.found}>{t("duplicates.found", { when: f.moment(query.data.made_at) })}{query.data.stale ? ` ${t("duplicates.stale")}` : ""}</p> : null}
      {dismiss.error ? <ErrorNote error={dismiss.error} /> : null}
      <Answer query={query} loading={<LoadingPage />}>
        {(data) => !data.made_at ? (job ? null : <Empty icon="customers" title={t("duplicates.neverTitle")} sentence={t("duplicates.never")} />) : items.length === 0 ? <Empty icon="check" title={t("duplicates.noneTitle")} sentence={t("duplicates.none")} /> : (
          <Panel flush>
            <Table<Duplicate> label={t("duplicates.title")} rows={items} rowKey={(d) => d.id}
              columns={[
                { key: "a", head: t("duplicates.one"), lead: true, cell: (d) => person(d.a, d.a_name) },
                { key: "b", head: t("duplicates.other"), cell: (d) => person(d.b, d.b_name) },
                { key: "why", head: t("duplicates.reasons"), wide: true, cell: (d) => <span className={css.tags}>{(d.reasons ?? []).map((r) => <Tag key={r}>{r}</Tag>)}</span> },
                { key: "score", head: t("duplicates.score"), align: "right", wide: true, cell: (d) => <Meter value={d.score} /> },
                { key: "act", head: t("duplicates.decide"), cell: (d) => <span className={css.actions}><Button size="xs" variant="primary" onClick={() => setMerging(d)}>{t("duplicates.look")}</Button><Button size="xs" busy={dismiss.isPending} onClick={() => dismiss.mutate(d)}>{t("duplicates.dismiss")}</Button></span> },
              ]} />
          </Panel>
        )}
      </Answer>
      {merging ? <MergeDialog a={merging.a} b={merging.b} onClose={() => setMerging(null)} onDone={() => void again()} /> : null}
    </Page>
  );
}
