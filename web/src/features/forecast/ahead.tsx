import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { useScope } from "../../api/scope";
import { useFormat, useWords } from "../../i18n/use";
import { Icon } from "../../ui/icons";
import css from "./forecast.module.css";
import { forecastQuery, unitOf, type Forecast, type ForecastKpi } from "./queries";

const kpiOfTrend: Record<string, ForecastKpi> = { revenue: "revenue", customers: "active_customers", orders: "orders", average_order_value: "average_order_value" };

/** What comes after a trend's last complete step; nothing where it cannot be said. */
export function useAhead(trend: string, bucket: string, last: string | undefined): Forecast | undefined {
  const kpi = kpiOfTrend[trend];
  // While another question's answer is still on screen, or fails, nothing is drawn.
  const query = useQuery({ ...forecastQuery(useScope(), kpi ?? "revenue", unitOf(bucket)), enabled: kpi !== undefined && last !== undefined, placeholderData: undefined, retry: false });
  const first = query.data?.forecast?.[0];
  return kpi && query.data && first && last !== undefined && first.start > last ? query.data : undefined;
}

/** The forecast's sentence and the way to all of it. */
export function AheadLine({ data }: { data: Forecast }) {
  const t = useWords();
  const f = useFormat();
  return (
    <p className={css.next}>
      <span>{data.sentences[f.language]}</span>
      <Link to="/forecast" search={{ ...(data.kpi === "revenue" ? {} : { kpi: data.kpi }), ...(data.unit === "week" ? {} : { unit: data.unit }) } as never}>{t("forecast.link")}<Icon name="right" size={13} /></Link>
    </p>
  );
}
