import { Modal } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useDeferredValue, useId, useMemo, useState, type KeyboardEvent } from "react";

import { answer, api } from "../api/client";
import { useFormat, useWords } from "../i18n/use";
import { GroupBadge } from "../ui/badge";
import { Icon, type IconName } from "../ui/icons";
import { destinations } from "./places";
import css from "./quickfind.module.css";

interface Hit {
  id: string;
  icon: IconName;
  title: string;
  aside: string;
  group?: string;
  go: () => void;
}

/** Any screen and any customer, from the keyboard. */
export function QuickFind({ onClose }: { onClose: () => void }) {
  const t = useWords();
  return (
    <Modal.Root opened onClose={onClose} padding={0} radius="md" size={580} yOffset="12vh">
      <Modal.Overlay />
      <Modal.Content aria-label={t("find.open")}><Modal.Body><Finder onClose={onClose} /></Modal.Body></Modal.Content>
    </Modal.Root>
  );
}

function useHits(text: string, onClose: () => void): Hit[] {
  const t = useWords();
  const f = useFormat();
  const navigate = useNavigate();
  const wanted = useDeferredValue(text.trim());
  const found = useQuery({
    queryKey: ["find", wanted],
    queryFn: ({ signal }) => answer(api.GET("/v1/customers", { params: { query: { q: wanted, limit: 7 } }, signal })),
    enabled: wanted.length > 0,
    placeholderData: keepPreviousData,
  });
  return useMemo(() => {
    const needle = text.trim().toLowerCase();
    const pages: Hit[] = destinations
      .filter((d) => !needle || t(`nav.${d.key}`).toLowerCase().includes(needle))
      .map((d) => ({ id: d.to, icon: d.icon, title: t(`nav.${d.key}`), aside: t("find.page"), go: () => void navigate({ to: d.to }) }));
    const people: Hit[] = (needle ? (found.data?.items ?? []) : []).map((c) => ({
      id: `c:${c.id}`, icon: "customers", title: c.name ? `${c.name} · ${c.id}` : c.id, aside: f.moneyShort(c.spend), group: c.group,
      go: () => void navigate({ to: "/customers/$id", params: { id: c.id } }),
    }));
    return [...people, ...pages].map((hit) => ({ ...hit, go: () => {
      onClose();
      hit.go();
    } }));
  }, [text, found.data, t, f, navigate, onClose]);
}

function Finder({ onClose }: { onClose: () => void }) {
  const t = useWords();
  const list = useId();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const hits = useHits(text, onClose);
  const onKey = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "ArrowDown") setAt((before) => Math.min(hits.length - 1, before + 1));
    else if (event.key === "ArrowUp") setAt((before) => Math.max(0, before - 1));
    else if (event.key === "Enter") hits[at]?.go();
    else return;
    event.preventDefault();
  };
  return (
    <div className={css.finder}>
      <div className={css.input}>
        <Icon name="search" />
        <input autoFocus data-autofocus value={text} onChange={(event) => { setText(event.currentTarget.value); setAt(0); }} onKeyDown={onKey} placeholder={t("find.placeholder")} aria-label={t("find.placeholder")}
          role="combobox" aria-expanded aria-controls={list} aria-activedescendant={hits[at] ? `${list}-${at}` : undefined} aria-autocomplete="list" spellCheck={false} />
      </div>
      <ul id={list} role="listbox" aria-label={t("find.results")} className={css.list}>
        {hits.map((hit, index) => (
          <li key={hit.id} id={`${list}-${index}`} role="option" aria-selected={index === at} data-on={index === at || undefined} onMouseMove={() => setAt(index)} onClick={hit.go}>
            <Icon name={hit.icon} size={16} /><span className={css.hit}>{hit.title}</span>
            {hit.group ? <GroupBadge group={hit.group} /> : null}<span className={css.aside}>{hit.aside}</span>
          </li>
        ))}
      </ul>
      {hits.length === 0 ? <p className={css.none} role="status">{t("find.none")}</p> : null}
    </div>
  );
}
