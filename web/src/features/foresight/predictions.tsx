import { useQuery } from "@tanstack/react-query";

import { useFormat, useSentence, useWords } from "../../i18n/use";
import { Tag } from "../../ui/badge";
import { GoLink } from "../../ui/golink";
import { Page, Panel, Row } from "../../ui/page";
import { Answer, LoadingPage } from "../../ui/state";
import css from "./foresight.module.css";
import { modelsQuery } from "./queries";
import type { ModelRow } from "./shapes";
import { TrainButton } from "./train";
import { useSaid } from "./words";

/** The models behind every score: what each is for, how good it is, and when it learned last. */
export function PredictionsScreen() {
  const t = useWords();
  const query = useQuery(modelsQuery);
  return (
    <Page title={t("predictions.title")} lede={t("predictions.lede")}>
      <Answer query={query} loading={<LoadingPage />}>
        {(models) => <div className={css.models}>{models.map((model) => <Model key={model.kind} model={model} />)}</div>}
      </Answer>
    </Page>
  );
}

const statusTone = { ready: "good", baseline: "warn", too_few: "warn", none: "plain" } as const;

function Model({ model }: { model: ModelRow }) {
  const t = useWords();
  const f = useFormat();
  const said = useSaid();
  const sentence = useSentence();
  const kind = sentence(`predictions.kind.${model.kind}.name`) ?? model.kind;
  const trained = model.status === "ready" || model.status === "baseline";
  return (
    <Panel title={kind} note={sentence(`predictions.kind.${model.kind}.about`)} actions={<Tag tone={statusTone[model.status]}>{t(`predictions.status.${model.status}`)}</Tag>}>
      <p className={css.modelText}>{said(model.sentences)}</p>
      {trained ? (
        <dl className={css.modelFacts}>
          <dt>{t("predictions.asOf")}</dt><dd>{f.day(model.as_of)}</dd>
          {model.auc === null || model.auc === undefined ? null : <><dt>{t("predictions.auc")}</dt><dd>{f.decimal(model.auc, 3)}</dd></>}
          {model.ece === null || model.ece === undefined ? null : <><dt>{t("predictions.ece")}</dt><dd>{f.percent(model.ece, 1)}</dd></>}
          {model.drift && model.drift.status !== "unknown" ? <><dt>{t("predictions.drift.title")}</dt><dd>{t(`predictions.drift.${model.drift.status}`)}</dd></> : null}
        </dl>
      ) : null}
      <Row>
        {trained ? model.kind === "value" ? <GoLink to="/value" look="quiet">{t("predictions.look")}</GoLink> : model.kind === "recommend" ? <GoLink to="/recommendations" look="quiet">{t("predictions.look")}</GoLink> : <GoLink to="/predictions/$kind" params={{ kind: model.kind }} look="quiet">{t("predictions.look")}</GoLink> : null}
        {model.kind === "value" ? null : <TrainButton kind={model.kind} again={trained} />}
      </Row>
    </Panel>
  );
}
