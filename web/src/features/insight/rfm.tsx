import { useQuery } from "@tanstack/react-query";

import { useScope } from "../../api/scope";
import type { Rfm, RfmGroup } from "../../api/types";
import { useFormat, useWords } from "../../i18n/use";
import { amountOf } from "../../lib/format";
import { Page } from "../../ui/page";
import { Answer, LoadingPage } from "../../ui/state";
import { rfmQuery } from "./queries";
import { RfmBreaks } from "./rfmbreaks";
import { RfmGroups } from "./rfmgroups";
import { RfmGrid } from "./rfmgrid";
import { RfmMovement } from "./rfmmovement";

/** Who bought lately, often and much, as a grid, as named groups, and as movement between them. */
export function RfmScreen() {
  const t = useWords();
  const query = useQuery(rfmQuery(useScope()));
  const lede = useLede(query.data);
  return (
    <Page title={t("rfm.title")} lede={lede}>
      <Answer query={query} loading={<LoadingPage rows={2} />}>
        {(rfm) => (
          <>
            <RfmGrid rfm={rfm} />
            <RfmGroups rfm={rfm} />
            {rfm.movement && (rfm.movement.flows ?? []).length > 0 ? <RfmMovement movement={rfm.movement} /> : null}
            <RfmBreaks rfm={rfm} />
          </>
        )}
      </Answer>
    </Page>
  );
}

// The best customers carry a share of the money; those about to go carry another. Both in one sentence.
function useLede(rfm: Rfm | undefined): string | undefined {
  const t = useWords();
  const f = useFormat();
  if (!rfm) return undefined;
  const groups = rfm.groups ?? [];
  const total = (names: string[], pick: (g: RfmGroup) => number) => groups.filter((g) => names.includes(g.group)).reduce((sum, g) => sum + pick(g), 0);
  const best = ["champions", "loyal"];
  const slipping = ["at_risk", "cannot_lose"];
  return t("rfm.lede", {
    share: f.share(total(best, (g) => g.share)), spendShare: f.share(total(best, (g) => g.spend_share)), slipping: f.int(total(slipping, (g) => g.customers)),
    money: f.moneyNumber(total(slipping, (g) => amountOf(g.spend)), groups[0]?.spend.currency ?? "USD"),
  });
}
