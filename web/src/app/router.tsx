import { createRootRoute, createRoute, createRouter, lazyRouteComponent, retainSearchParams } from "@tanstack/react-router";

import { customerFilters } from "../lib/filters";
import { dayOf, onlyKeys, readSearch, writeSearch } from "../lib/search";
import { RouteError, RouteMissing } from "./boundary";
import { SettingsFrame } from "./settings";
import { Shell } from "./shell";

// Market and as-of day belong to every screen: they stay in the address from one to the next.
const root = createRootRoute({
  component: Shell,
  validateSearch: (search: Record<string, unknown>): { market?: string; as_of?: string } => {
    const asOf = dayOf(search["as_of"]);
    return { ...onlyKeys(search, ["market"]), ...(asOf ? { as_of: asOf } : {}) };
  },
  search: { middlewares: [retainSearchParams(["market", "as_of"])] },
  notFoundComponent: RouteMissing,
});

const overview = createRoute({
  getParentRoute: () => root, path: "/",
  validateSearch: (search: Record<string, unknown>): { days?: string; trend?: string } => onlyKeys(search, ["days", "trend"]),
  component: lazyRouteComponent(() => import("../features/insight/overview"), "OverviewScreen"),
});
const customers = createRoute({
  getParentRoute: () => root, path: "/customers",
  validateSearch: (search: Record<string, unknown>) => onlyKeys(search, customerFilters),
  component: lazyRouteComponent(() => import("../features/profile/customers"), "CustomersScreen"),
});
const customer = createRoute({
  getParentRoute: () => root, path: "/customers/$id",
  validateSearch: (search: Record<string, unknown>): { tab?: string } => onlyKeys(search, ["tab"]),
  component: lazyRouteComponent(() => import("./customer"), "CustomerPage"),
});
const duplicates = createRoute({
  getParentRoute: () => root, path: "/customers/duplicates",
  component: lazyRouteComponent(() => import("../features/profile/duplicates"), "DuplicatesScreen"),
});
const rfm = createRoute({
  getParentRoute: () => root, path: "/rfm",
  component: lazyRouteComponent(() => import("../features/insight/rfm"), "RfmScreen"),
});
const cohorts = createRoute({
  getParentRoute: () => root, path: "/cohorts",
  validateSearch: (search: Record<string, unknown>): { show?: string; category?: string } => onlyKeys(search, ["show", "category"]),
  component: lazyRouteComponent(() => import("../features/insight/cohorts"), "CohortsScreen"),
});
const value = createRoute({
  getParentRoute: () => root, path: "/value",
  component: lazyRouteComponent(() => import("../features/predict/value"), "ValueScreen"),
});
const forecast = createRoute({
  getParentRoute: () => root, path: "/forecast",
  validateSearch: (search: Record<string, unknown>): { kpi?: string; unit?: string; at?: string } => onlyKeys(search, ["kpi", "unit", "at"]),
  component: lazyRouteComponent(() => import("../features/forecast/forecast"), "ForecastScreen"),
});
const risk = createRoute({
  getParentRoute: () => root, path: "/risk",
  validateSearch: (search: Record<string, unknown>): { band?: string; reason?: string; sort?: string; segment?: string } => onlyKeys(search, ["band", "reason", "sort", "segment"]),
  component: lazyRouteComponent(() => import("../features/foresight/risk"), "RiskScreen"),
});
const predictions = createRoute({
  getParentRoute: () => root, path: "/predictions",
  component: lazyRouteComponent(() => import("../features/foresight/predictions"), "PredictionsScreen"),
});
const model = createRoute({
  getParentRoute: () => root, path: "/predictions/$kind",
  validateSearch: (search: Record<string, unknown>): { version?: string } => onlyKeys(search, ["version"]),
  component: lazyRouteComponent(() => import("../features/foresight/model"), "ModelScreen"),
});
const recommendations = createRoute({
  getParentRoute: () => root, path: "/recommendations",
  validateSearch: (search: Record<string, unknown>): { customer?: string; bought?: string } => onlyKeys(search, ["customer", "bought"]),
  component: lazyRouteComponent(() => import("../features/foresight/recommendations"), "RecommendationsScreen"),
});
const segments = createRoute({
  getParentRoute: () => root, path: "/segments",
  component: lazyRouteComponent(() => import("../features/audience/segments"), "SegmentsScreen"),
});
const segment = createRoute({
  getParentRoute: () => root, path: "/segments/$slug",
  component: lazyRouteComponent(() => import("../features/audience/segment"), "SegmentScreen"),
});
const segmentNew = createRoute({
  getParentRoute: () => root, path: "/segments/new",
  validateSearch: (search: Record<string, unknown>): { event?: string } => onlyKeys(search, ["event"]),
  component: lazyRouteComponent(() => import("../features/audience/segmentedit"), "SegmentNewScreen"),
});
const segmentEdit = createRoute({
  getParentRoute: () => root, path: "/segments/$slug/edit",
  component: lazyRouteComponent(() => import("../features/audience/segmentedit"), "SegmentEditScreen"),
});
const live = createRoute({
  getParentRoute: () => root, path: "/live",
  validateSearch: (search: Record<string, unknown>): { name?: string; source?: string; customer?: string; fate?: string } => onlyKeys(search, ["name", "source", "customer", "fate"]),
  component: lazyRouteComponent(() => import("../features/collect/live"), "LiveScreen"),
});
const quarantine = createRoute({
  getParentRoute: () => root, path: "/live/quarantine",
  validateSearch: (search: Record<string, unknown>): { reason?: string } => onlyKeys(search, ["reason"]),
  component: lazyRouteComponent(() => import("../features/collect/quarantine"), "QuarantineScreen"),
});
const deadLetters = createRoute({
  getParentRoute: () => root, path: "/live/dead-letters",
  component: lazyRouteComponent(() => import("../features/collect/deadletters"), "DeadLettersScreen"),
});
const sources = createRoute({
  getParentRoute: () => root, path: "/sources",
  component: lazyRouteComponent(() => import("../features/collect/sources"), "SourcesScreen"),
});
const sourceNew = createRoute({
  getParentRoute: () => root, path: "/sources/new",
  validateSearch: (search: Record<string, unknown>): { client?: string } => onlyKeys(search, ["client"]),
  component: lazyRouteComponent(() => import("../features/collect/sourcenew"), "SourceNewScreen"),
});
const source = createRoute({
  getParentRoute: () => root, path: "/sources/$id",
  component: lazyRouteComponent(() => import("../features/collect/source"), "SourceScreen"),
});
const settings = createRoute({ getParentRoute: () => root, path: "/settings", component: SettingsFrame });
const settingsKeys = createRoute({ getParentRoute: () => settings, path: "/", component: lazyRouteComponent(() => import("../features/account/keys"), "KeysScreen") });
const settingsIdentity = createRoute({ getParentRoute: () => settings, path: "/identity", component: lazyRouteComponent(() => import("../features/profile/identityrules"), "IdentityRulesScreen") });
const settingsTraits = createRoute({ getParentRoute: () => settings, path: "/traits", component: lazyRouteComponent(() => import("../features/audience/traits"), "TraitsScreen") });
const settingsRetention = createRoute({ getParentRoute: () => settings, path: "/retention", component: lazyRouteComponent(() => import("../features/profile/retention"), "RetentionScreen") });
const settingsErasures = createRoute({ getParentRoute: () => settings, path: "/erasures", component: lazyRouteComponent(() => import("../features/profile/erasures"), "ErasuresScreen") });
const importing = createRoute({
  getParentRoute: () => root, path: "/import",
  component: lazyRouteComponent(() => import("../features/collect/import"), "ImportScreen"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    overview, customers, customer, duplicates, rfm, cohorts, value, risk, forecast, predictions, model, recommendations, segments, segment, segmentNew, segmentEdit, live, quarantine, deadLetters, sources, sourceNew, source, importing,
    settings.addChildren([settingsKeys, settingsIdentity, settingsTraits, settingsRetention, settingsErasures]),
  ]),
  parseSearch: readSearch,
  stringifySearch: writeSearch,
  defaultPreload: "intent",
  scrollRestoration: true,
  defaultErrorComponent: RouteError,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
