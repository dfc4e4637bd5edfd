import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";

import { sessionQuery } from "../../api/session";
import { useFormat, useSentence, useWords } from "../../i18n/use";
import { Tag } from "../../ui/badge";
import { Button } from "../../ui/controls";
import { Icon } from "../../ui/icons";
import { Columns, Page, Panel, Stack } from "../../ui/page";
import { Answer, Empty, ErrorNote, LoadingPage, Note } from "../../ui/state";
import { Stat, Stats } from "../../ui/stat";
import { Table } from "../../ui/table";
import css from "./foresight.module.css";
import { Definition } from "./definition";
import { DriversChart, LiftChart, ReliabilityChart } from "./modelcharts";
import { activate, modelQuery } from "./queries";
import { isUntrained } from "./risk";
import type { ModelCard } from "./shapes";
import { TrainButton } from "./train";
import { useSaid } from "./words";

/** A model's card: what it learned from, how good it is on days it had not seen, whom it serves less well, and its limits. */
export function ModelScreen() {
  const t = useWords();
  const said = useSaid();
  const sentence = useSentence();
  const { kind } = useParams({ from: "/predictions/$kind" });
  const { version } = useSearch({ from: "/predictions/$kind" });
  const query = useQuery(modelQuery(kind, version ? Number(version) : undefined));
  const name = sentence(`predictions.kind.${kind}.name`) ?? kind;
  const untrained = !query.data && isUntrained(query.error);
  return (
    <Page title={name} lede={query.data ? said(query.data.sentences) : undefined} above={<Link to="/predictions" className={css.back}><Icon name="left" size={14} />{t("predictions.title")}</Link>}
      actions={query.data ? <TrainButton kind={kind} again /> : undefined}>
      {untrained ? <Empty icon="chart" title={t("risk.untrainedTitle")} sentence={t("risk.untrained")} action={<TrainButton kind={kind} again={false} />} />
        : <Answer query={query} loading={<LoadingPage rows={2} />}>{(card) => <Card card={card} />}</Answer>}
    </Page>
  );
}

function Card({ card }: { card: ModelCard }) {
  const t = useWords();
  return (
    <>
      {card.status === "baseline" ? <Note tone="warn">{t("predictions.baseline")}</Note> : null}
      {card.quality ? <Quality card={card} /> : null}
      <Columns>
        {(card.quality?.reliability ?? []).length > 0 ? <ReliabilityChart card={card} /> : null}
        {(card.quality?.lift ?? []).length > 0 ? <LiftChart card={card} /> : null}
      </Columns>
      <Columns kind="lead">
        <Stack><Candidates card={card} /><Fairness card={card} /></Stack>
        <Stack>
          <Definition key={card.version} card={card} />
          <Learned card={card} />
        </Stack>
      </Columns>
      {(card.drivers ?? []).length > 0 ? <DriversChart card={card} /> : null}
      <Columns kind="lead">
        <Versions card={card} />
        <Stack><Drift card={card} /><Limits card={card} /></Stack>
      </Columns>
    </>
  );
}

function Quality({ card }: { card: ModelCard }) {
  const t = useWords();
  const f = useFormat();
  const sentence = useSentence();
  const q = card.quality;
  const nameOf = (of: { name: string; label: string }) => sentence(`predictions.candidate.${of.name}`) ?? of.label;
  const best = (card.candidates ?? []).filter((c) => c.baseline && c.log_loss !== null).toSorted((a, b) => (a.log_loss ?? 9) - (b.log_loss ?? 9))[0];
  if (!q) return null;
  return (
    <Stats>
      <Stat label={t("predictions.auc")} meaning={t("predictions.aucMeaning")} value={f.decimal(q.auc, 3)} below={best ? t("predictions.against", { figure: f.decimal(best.auc, 3), name: nameOf(best) }) : undefined} />
      <Stat label={t("predictions.logLoss")} meaning={t("predictions.logLossMeaning")} value={f.decimal(q.log_loss, 3)} below={best ? t("predictions.against", { figure: f.decimal(best.log_loss, 3), name: nameOf(best) }) : undefined} />
      <Stat label={t("predictions.brier")} meaning={t("predictions.brierMeaning")} value={f.decimal(q.brier, 3)} below={best ? t("predictions.against", { figure: f.decimal(best.brier, 3), name: nameOf(best) }) : undefined} />
      <Stat label={t("predictions.ece")} meaning={t("predictions.eceMeaning")} value={f.percent(q.ece, 1)} below={best ? t("predictions.against", { figure: f.percent(best.ece, 1), name: nameOf(best) }) : undefined} />
    </Stats>
  );
}

function Candidates({ card }: { card: ModelCard }) {
  const t = useWords();
  const f = useFormat();
  const sentence = useSentence();
  const rows = card.candidates ?? [];
  if (rows.length === 0) return null;
  return (
    <Panel flush title={t("predictions.candidates")} note={t("predictions.candidatesNote")}>
      <Table label={t("predictions.candidates")} rows={rows} rowKey={(row) => row.name}
        columns={[
          { key: "name", head: t("health.candidates.model"), lead: true, cell: (row) => <span className={css.named}>{sentence(`predictions.candidate.${row.name}`) ?? row.label}{row.chosen ? <Tag tone="good">{t("health.candidates.chosen")}</Tag> : null}</span> },
          { key: "auc", head: t("predictions.auc"), meaning: t("predictions.aucMeaning"), align: "right", cell: (row) => f.decimal(row.auc, 3) },
          { key: "loss", head: t("predictions.logLoss"), meaning: t("predictions.logLossMeaning"), align: "right", cell: (row) => f.decimal(row.log_loss, 3) },
          { key: "brier", head: t("predictions.brier"), meaning: t("predictions.brierMeaning"), align: "right", wide: true, cell: (row) => f.decimal(row.brier, 3) },
          { key: "ece", head: t("predictions.ece"), meaning: t("predictions.eceMeaning"), align: "right", wide: true, cell: (row) => f.percent(row.ece, 1) },
        ]} />
    </Panel>
  );
}

function Fairness({ card }: { card: ModelCard }) {
  const t = useWords();
  const f = useFormat();
  const rows = card.fairness ?? [];
  if (rows.length < 2) return null;
  return (
    <Panel flush title={t("predictions.fairness")} note={t("predictions.fairnessNote")}>
      <Table label={t("predictions.fairness")} rows={rows} rowKey={(row) => row.market}
        columns={[
          { key: "market", head: t("customers.column.market"), lead: true, cell: (row) => f.market(row.market) },
          { key: "rows", head: t("rfm.grid.customers"), align: "right", wide: true, cell: (row) => f.int(row.rows) },
          { key: "predicted", head: t("predictions.predicted"), align: "right", cell: (row) => f.percent(row.predicted, 1) },
          { key: "actual", head: t("predictions.actual"), align: "right", cell: (row) => f.percent(row.actual, 1) },
          { key: "auc", head: t("predictions.auc"), meaning: t("predictions.aucMeaning"), align: "right", cell: (row) => f.decimal(row.auc, 3) },
          { key: "ece", head: t("predictions.ece"), meaning: t("predictions.eceMeaning"), align: "right", wide: true, cell: (row) => f.percent(row.ece, 1) },
        ]} />
    </Panel>
  );
}

function Learned({ card }: { card: ModelCard }) {
  const t = useWords();
  const f = useFormat();
  const cuts = card.data.cuts ?? [];
  return (
    <Panel flush title={t("predictions.learned")} note={t("predictions.learnedNote", { customers: f.int(card.data.customers), rows: f.int(card.data.rows), from: f.day(card.data.first_day), to: f.day(card.data.last_day), seed: String(card.seed) })}>
      <Table label={t("predictions.learned")} rows={cuts} rowKey={(row) => row.day} dense
        columns={[
          { key: "day", head: t("predictions.cut"), meaning: t("predictions.cutMeaning"), lead: true, cell: (row) => f.day(row.day) },
          { key: "rows", head: t("rfm.grid.customers"), align: "right", cell: (row) => f.int(row.rows) },
          { key: "left", head: t("predictions.left"), align: "right", cell: (row) => f.percent(row.churned) },
        ]} />
    </Panel>
  );
}

function Versions({ card }: { card: ModelCard }) {
  const t = useWords();
  const f = useFormat();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { data: session } = useQuery(sessionQuery);
  const change = useMutation({
    mutationFn: (version: number) => activate(card.kind, version),
    onSuccess: () => Promise.all(["models", "risk", "predictions", "customers"].map((key) => queries.invalidateQueries({ queryKey: [key] }))),
  });
  const rows = card.versions ?? [];
  return (
    <Panel flush title={t("predictions.versions")} note={t("predictions.versionsNote")}>
      {change.error ? <ErrorNote error={change.error} /> : null}
      <Table label={t("predictions.versions")} rows={rows} rowKey={(row) => String(row.version)} onRow={(row) => void navigate({ to: "/predictions/$kind", params: { kind: card.kind }, search: { version: String(row.version) } })}
        columns={[
          { key: "version", head: t("predictions.version"), lead: true, cell: (row) => <span className={css.named}><Link to="/predictions/$kind" params={{ kind: card.kind }} search={{ version: String(row.version) }}>{row.version}</Link>{row.active ? <Tag tone="good">{t("predictions.active")}</Tag> : null}</span> },
          { key: "at", head: t("predictions.trainedAt"), cell: (row) => f.instant(row.trained_at) },
          { key: "auc", head: t("predictions.auc"), align: "right", cell: (row) => f.decimal(row.auc, 3) },
          { key: "loss", head: t("predictions.logLoss"), align: "right", wide: true, cell: (row) => f.decimal(row.log_loss, 3) },
          { key: "use", head: t("predictions.use"), align: "right", cell: (row) => (row.active || session?.scope !== "admin" ? null : <Button size="xs" busy={change.isPending && change.variables === row.version} onClick={() => change.mutate(row.version)}>{t("predictions.useThis")}</Button>) },
        ]} />
    </Panel>
  );
}

function Drift({ card }: { card: ModelCard }) {
  const t = useWords();
  const f = useFormat();
  const features = (card.drift?.features ?? []).toSorted((a, b) => b.psi - a.psi).slice(0, 8);
  if (!card.drift) return null;
  return (
    <Panel flush title={t("predictions.drift.title")} note={t(`predictions.drift.note.${card.drift.status}`)}>
      {features.length > 0 ? <Table label={t("predictions.drift.title")} dense rows={features} rowKey={(row) => row.name}
        columns={[
          { key: "name", head: t("predictions.drift.trait"), lead: true, cell: (row) => <code>{row.name}</code> },
          { key: "psi", head: "PSI", meaning: t("predictions.drift.psiMeaning"), align: "right", cell: (row) => f.decimal(row.psi, 3) },
        ]} /> : null}
    </Panel>
  );
}

function Limits({ card }: { card: ModelCard }) {
  const t = useWords();
  const said = useSaid();
  const limits = card.limits ?? [];
  if (limits.length === 0) return null;
  return (
    <Panel title={t("predictions.limits")}>
      <ul className={css.limits}>{limits.map((limit) => <li key={said(limit.sentences)}>{said(limit.sentences)}</li>)}</ul>
    </Panel>
  );
}
