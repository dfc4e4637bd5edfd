import { Link, useRouter, type ErrorComponentProps } from "@tanstack/react-router";

import { useWords } from "../i18n/use";
import { Empty, ErrorNote } from "../ui/state";

/** What a screen that broke shows instead of a white page. */
export function RouteError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  return (
    <ErrorNote error={error} retry={() => {
      reset();
      void router.invalidate();
    }} />
  );
}

export function RouteMissing() {
  const t = useWords();
  return <Empty alone icon="search" title={t("missing.title")} sentence={t("missing.sentence")} action={<Link to="/">{t("missing.back")}</Link>} />;
}
