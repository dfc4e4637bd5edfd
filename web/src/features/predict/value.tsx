import { useQuery } from "@tanstack/react-query";

import type { Value } from "../../api/types";
import { useFormat, useWords } from "../../i18n/use";
import { amountOf } from "../../lib/format";
import { useKept } from "../../ui/asof";
import { Columns, Page } from "../../ui/page";
import { Answer, LoadingPage, Note } from "../../ui/state";
import { DistributionChart, ParetoChart } from "./distribution";
import { ModelHealth } from "./health";
import { clvQuery, valueQuery } from "./queries";
import { ValueByGroup, ValueByMarket } from "./valueby";

/** What the base will bring, who will bring it, and whether the model that says so can be believed. */
export function ValueScreen() {
  const t = useWords();
  const { scope, ready, notice } = useKept();
  const query = useQuery({ ...valueQuery(scope), enabled: ready });
  const clv = useQuery({ ...clvQuery(scope), enabled: ready });
  const lede = useLede(ready ? query.data : undefined);
  return (
    <Page title={t("value.title")} lede={lede}>
      {notice}
      {ready ? <Answer query={query} loading={<LoadingPage rows={2} />}>
        {(value) => value.total_expected_12m === null ? <Note tone="warn">{t("value.none")}</Note> : (
          <>
            <Columns><DistributionChart value={value} /><ParetoChart value={value} /></Columns>
            {manyMarkets(value) ? <Columns><ValueByGroup value={value} /><ValueByMarket value={value} /></Columns> : <ValueByGroup value={value} />}
          </>
        )}
      </Answer> : null}
      {ready ? <Answer query={clv} loading={<LoadingPage />}>{(data) => <ModelHealth clv={data} />}</Answer> : null}
    </Page>
  );
}

// Orders that name no market are all of one without a name: it would hold everything, and say nothing.
function manyMarkets(value: Value): boolean {
  const markets = value.by_market ?? [];
  return markets.length > 1 || (markets[0]?.key ?? "") !== "";
}

function useLede(value: Value | undefined): string | undefined {
  const t = useWords();
  const f = useFormat();
  if (!value?.total_expected_12m) return undefined;
  const past = amountOf(value.past_total);
  return t("value.lede", {
    expected: f.moneyShort(value.total_expected_12m), past: f.moneyShort(value.past_total), top: f.share(value.top_decile_share),
    ratio: f.share(past > 0 ? amountOf(value.total_expected_12m) / past : null),
  });
}
