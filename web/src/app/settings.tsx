import { Outlet } from "@tanstack/react-router";

import { useWords } from "../i18n/use";
import { Page } from "../ui/page";
import { Tabs } from "../ui/tabs";

/** What is set once and looked at rarely, on one shelf. */
export function SettingsFrame() {
  const t = useWords();
  return (
    <Page title={t("nav.settings")} lede={t("settings.lede")}>
      <Tabs label={t("nav.settings")} tabs={[
        { to: "/settings", label: t("keys.title") },
        { to: "/settings/identity", label: t("identityRules.title") },
        { to: "/settings/traits", label: t("traits.title") },
        { to: "/settings/retention", label: t("retention.title") },
        { to: "/settings/erasures", label: t("erasures.title") },
      ]} />
      <Outlet />
    </Page>
  );
}
