// The shapes of what came with the live log: events, sources, people, rules, settings. They are the generated ones, under the
// names that the screens use; what the description leaves open (the JSON of an event, of a rule) is said more closely here.
import type { components } from "./schema";

type S = components["schemas"];
type Nullable<T, K extends keyof T> = Omit<T, K> & { [P in K]: T[P] | null };

type JsonObject = Record<string, unknown>;

export type LiveEvent = Omit<S["FlowEvent"], "properties" | "context"> & { properties: JsonObject | null; context: JsonObject | null };
export type Fate = LiveEvent["fate"];
export type Events = Omit<S["EventsOutputBody"], "items"> & { items: LiveEvent[] | null };
export type Summary = S["FlowSummary"];
export type Quarantined = S["FlowQuarantined"];
export type QuarantinePage = S["QuarantineOutputBody"];
export type DeadLetter = S["FlowDeadLetter"];
export type Letter = S["FlowLetter"];
export type RawEvent = S["FlowRawEvent"];
export type ReplayOrder = S["ReplayInputBody"];
export type Replayed = S["ReplayOutputBody"];

export type LogState = S["AppLogStatus"];
export type Source = S["AppSource"];
export type Health = Source["health"];
export type Webhook = S["WebhookHook"];
export type WebhookDraft = S["WebhookDraftInput"];
export type MappingAsk = S["PreviewInputBody"];
export type MappingPreview = S["PreviewOutputBody"];
export type Key = S["AccountKey"];

export type RuleNames = S["AudienceNames"];
export type RuleEvent = S["AudienceNamedEvent"];
export type OwnTrait = S["AudienceNamedTrait"];
export type TraitDraft = S["AudienceTraitDraft"];
/** A name that rules may use: a property, an attribute, a trait, a score. */
export type RuleName = Pick<S["AudienceNamedProperty"], "name" | "kind"> & Partial<Pick<S["AudienceNamedProperty"], "samples"> & Pick<OwnTrait, "label" | "labels" | "unit">>;

export type Condition = S["RefCondition"];
export type Why = S["AudienceWhy"];
export type SegmentPreview = S["AudiencePreview"];
export type SegmentDraft = S["AudienceDraft"];
export type SegmentMember = S["AudienceMember"];
export type SegmentSize = S["AudienceSize"];
export type ListTaken = S["AudienceChosen"];

export type PersonIdentity = S["ProfileIdentity"];
export type PersonAttribute = S["ProfileAttribute"];
export type PersonConsent = S["ProfileConsent"];
export type NewConsent = S["ProfileNewConsent"];
export type Suppression = S["ProfileSuppression"];
export type NewSuppression = S["ProfileNewSuppression"];
export type Merge = S["ProfileMerge"];
export type MergePreview = S["ProfileMergePreview"];
export type Duplicate = S["ProfileDuplicate"];
export type Duplicates = Nullable<S["DuplicatesOutputBody"], "job">;
export type Erasure = S["ProfileReceipt"];
export type RetentionRule = S["ProfileRetention"];
export type IdentityRules = S["IdentityRules"];
