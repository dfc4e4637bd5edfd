import { Popover, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";

import type { Status } from "../api/types";
import { setLanguage } from "../i18n/setup";
import { useFormat, useWords } from "../i18n/use";
import { addDays } from "../lib/days";
import { dayOf } from "../lib/search";
import { Choice, IconButton, Switch } from "../ui/controls";
import { Icon } from "../ui/icons";
import css from "./scopebar.module.css";

/** Which market and as of which day: the two things that every figure depends on. */
export function ScopeBar({ status }: { status: Status }) {
  const t = useWords();
  const f = useFormat();
  const { market } = useSearch({ strict: false });
  const navigate = useNavigate();
  const markets = status.markets ?? [];
  const options = [{ value: "", label: t("scope.allMarkets") }, ...markets.map((code) => ({ value: code, label: f.market(code) }))];
  return (
    <>
      {markets.length > 1 ? (
        <Choice hideLabel size="xs" width={132} label={t("scope.market")} value={market ?? ""} options={options}
          onChange={(next) => void navigate({ to: ".", search: (before: object) => ({ ...before, market: next || undefined, page: undefined }) as never })} />
      ) : null}
      <AsOf status={status} />
    </>
  );
}

const steps = [30, 90, 365] as const;

function AsOf({ status }: { status: Status }) {
  const t = useWords();
  const f = useFormat();
  const { as_of: asOf } = useSearch({ strict: false });
  const navigate = useNavigate();
  const [opened, setOpened] = useState(false);
  const latest = status.last_day ?? "";
  const first = status.first_day ?? "";
  const choose = (day: string | undefined) => {
    setOpened(false);
    void navigate({ to: ".", search: (before: object) => ({ ...before, as_of: day === latest ? undefined : day, page: undefined }) as never });
  };
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" shadow="md" radius="md" trapFocus>
      <Popover.Target>
        <button type="button" className={css.asOf} data-past={asOf ? true : undefined} onClick={() => setOpened(!opened)}>
          <Icon name="calendar" size={15} /><span>{t("scope.asOf", { day: f.day(asOf ?? latest) })}</span>
        </button>
      </Popover.Target>
      <Popover.Dropdown className={css.pop} aria-label={t("scope.asOfTitle")}>
        <p className={css.popText}>{t("scope.asOfMeaning")}</p>
        <label className={css.dateLabel}>
          {t("scope.asOfTitle")}
          <input type="date" className={css.date} min={first} max={latest} defaultValue={asOf ?? latest} onChange={(event) => {
            const day = dayOf(event.currentTarget.value);
            if (day && day >= first && day <= latest) choose(day);
          }} />
        </label>
        <ul className={css.presets}>
          <li><button type="button" onClick={() => choose(undefined)}>{t("scope.latest")}<span>{f.day(latest)}</span></button></li>
          {steps.map((days) => {
            const day = addDays(latest, -days);
            return day > first ? <li key={days}><button type="button" onClick={() => choose(day)}>{t("scope.daysEarlier", { count: days })}<span>{f.day(day)}</span></button></li> : null;
          })}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}

// Each language is named in itself, so that it can be found by those who read no other.
const tongues = [{ value: "en", label: "EN" }, { value: "ko", label: "한국어" }, { value: "th", label: "ไทย" }] as const;

export function LanguageSwitch() {
  const t = useWords();
  const f = useFormat();
  return <Switch label={t("shell.language")} value={f.language} options={tongues} onChange={(next) => void setLanguage(next)} />;
}

export function ThemeSwitch() {
  const t = useWords();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light");
  return (
    <IconButton icon={scheme === "dark" ? "sun" : "moon"} label={scheme === "dark" ? t("shell.toLight") : t("shell.toDark")}
      onClick={() => setColorScheme(scheme === "dark" ? "light" : "dark")} />
  );
}
