import { Link } from "@tanstack/react-router";
import { useState } from "react";

import type { Rfm, RfmCell } from "../../api/types";
import { ChartFrame } from "../../charts/frame";
import { plain, useFormat, useWords } from "../../i18n/use";
import { amountOf } from "../../lib/format";
import { heatOf } from "../../lib/scale";
import { Switch } from "../../ui/controls";
import css from "./rfm.module.css";

type Measure = "customers" | "spend";

const scores = [5, 4, 3, 2, 1] as const;

/** The 5×5 grid: how recently across, how often down; each cell opens its people. */
export function RfmGrid({ rfm }: { rfm: Rfm }) {
  const t = useWords();
  const f = useFormat();
  const [measure, setMeasure] = useState<Measure>("customers");
  const cells = rfm.cells ?? [];
  const valueOf = (cell: RfmCell) => (measure === "customers" ? cell.customers : amountOf(cell.spend));
  const largest = Math.max(...cells.map(valueOf), 0);
  const everyone = cells.reduce((sum, cell) => sum + cell.customers, 0);
  const peak = cells.toSorted((a, b) => valueOf(b) - valueOf(a))[0];
  const sentence = !peak ? t("rfm.grid.nothing")
    : measure === "customers" ? t("rfm.grid.sentence", { n: f.int(peak.customers), share: f.share(everyone ? peak.customers / everyone : 0), r: peak.r, f: peak.f })
    : t("rfm.grid.sentenceSpend", { money: f.moneyShort(peak.spend), n: f.int(peak.customers), r: peak.r, f: peak.f });
  const cellAt = (r: number, fScore: number) => cells.find((cell) => cell.r === r && cell.f === fScore);
  return (
    <ChartFrame title={t("rfm.grid.title")} sentence={sentence} file="dangol-rfm-grid"
      actions={<Switch label={t("rfm.grid.measure")} value={measure} onChange={setMeasure} options={[{ value: "customers", label: t("rfm.grid.customers") }, { value: "spend", label: t("rfm.grid.spend") }]} />}
      figures={{
        head: [t("rfm.recency"), t("rfm.frequency"), t("rfm.grid.customers"), t("rfm.grid.spend"), t("rfm.avgRecency"), t("rfm.avgOrders")],
        rows: cells.map((c) => [String(c.r), String(c.f), f.int(c.customers), f.moneyWhole(c.spend), f.int(c.avg_recency_days), f.decimal(c.avg_orders, 1)]),
        raw: cells.map((c) => [c.r, c.f, c.customers, c.spend.amount, c.avg_recency_days, c.avg_orders]),
      }}>
      <div className={css.gridBox}>
        <p className={css.axisY} aria-hidden>{t("rfm.grid.often")}</p>
        <table className={css.grid}>
          <caption className="visually-hidden">{plain(sentence)}</caption>
          <colgroup><col className={css.scoreColumn} />{scores.map((score) => <col key={score} />)}</colgroup>
          <tbody>
            {scores.map((fScore) => (
              <tr key={fScore}>
                <th scope="row" className={css.scoreHead}><abbr title={t("rfm.frequencyMeaning")}>F{fScore}</abbr></th>
                {scores.toReversed().map((r) => <Cell key={r} cell={cellAt(r, fScore)} measure={measure} heat={heatOf(valueOf(cellAt(r, fScore) ?? emptyCell), largest)} r={r} f={fScore} />)}
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr><td />{scores.toReversed().map((r) => <th key={r} scope="col" className={css.scoreHead}><abbr title={t("rfm.recencyMeaning")}>R{r}</abbr></th>)}</tr>
          </tfoot>
        </table>
        <p className={css.axisX} aria-hidden><span>{t("rfm.grid.longAgo")}</span><span>{t("rfm.grid.lately")}</span></p>
      </div>
    </ChartFrame>
  );
}

const emptyCell: RfmCell = { r: 0, f: 0, customers: 0, spend: { amount: "0", currency: "USD" }, avg_recency_days: 0, avg_orders: 0 };

function Cell({ cell, measure, heat, r, f: fScore }: { cell: RfmCell | undefined; measure: Measure; heat: number; r: number; f: number }) {
  const t = useWords();
  const f = useFormat();
  const style = { "--heat": `${Math.round(heat * 100)}%` } as React.CSSProperties;
  if (!cell || cell.customers === 0) return <td className={css.cell} style={style}><span className={css.cellEmpty}>–</span></td>;
  const says = t("rfm.grid.cell", { count: cell.customers, n: f.int(cell.customers), r, f: fScore, money: f.moneyShort(cell.spend), days: f.int(cell.avg_recency_days), orders: f.decimal(cell.avg_orders, 1) });
  const first = measure === "customers" ? f.int(cell.customers) : f.moneyShort(cell.spend);
  const second = measure === "customers" ? f.moneyShort(cell.spend) : f.int(cell.customers);
  return (
    <td className={css.cell} style={style}>
      <Link to="/customers" search={{ r: String(r), f: String(fScore) } as never} aria-label={says} title={says}><b>{first}</b><small>{second}</small></Link>
    </td>
  );
}
