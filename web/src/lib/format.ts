// Every number, amount of money and date that a person reads is written here, so that one language
// never shows another's separators and no screen invents a format of its own.

export type Language = "en" | "ko" | "th";

export const languages: readonly Language[] = ["en", "ko", "th"];

/** An amount as the API gives it: a decimal string, so that nothing is lost on the way. */
export interface Money {
  amount: string;
  currency: string;
}

// People in Thailand count years in the Buddhist era, so every date on a screen is in it. Files that are downloaded, and the
// fields in which days are chosen, stay in the common era as ISO 8601 has them.
const locale: Record<Language, string> = { en: "en-GB", ko: "ko-KR", th: "th-TH-u-ca-buddhist" };

export const dash = "–";

type Maybe<T> = T | null | undefined;

const formatters = new Map<string, Intl.NumberFormat>();

function numberFormat(language: Language, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = language + JSON.stringify(options);
  let format = formatters.get(key);
  if (!format) {
    format = new Intl.NumberFormat(locale[language], options);
    formatters.set(key, format);
  }
  return format;
}

const dateFormats = new Map<string, Intl.DateTimeFormat>();

function dateFormat(language: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = language + JSON.stringify(options);
  let format = dateFormats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(locale[language], options);
    dateFormats.set(key, format);
  }
  return format;
}

/** The number inside an amount; NaN where there is none. */
export function amountOf(money: Maybe<Money>): number {
  return money ? Number(money.amount) : Number.NaN;
}

function isNumber(value: Maybe<number>): value is number {
  return value !== null && value !== undefined && Number.isFinite(value);
}

// A local day ("2026-06-30") has no zone: it is read and written as UTC so that it never slides.
// The date part of an instant that carries its own offset is the shop's local day already.
// What is no day, such as a cell of a file that nobody could read, has no date.
function dayAsDate(day: string): Date {
  return new Date(day.slice(0, 10) + "T00:00:00Z");
}

/** How one language writes numbers, money and time. */
export class Format {
  constructor(readonly language: Language) {}

  int(value: Maybe<number>): string {
    return isNumber(value) ? numberFormat(this.language, { maximumFractionDigits: 0 }).format(value) : dash;
  }

  decimal(value: Maybe<number>, digits = 2): string {
    if (!isNumber(value)) return dash;
    return numberFormat(this.language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value).replace("-", "−");
  }

  /** Up to five significant digits: for model parameters, whose size is not known beforehand. */
  significant(value: Maybe<number>, digits = 4): string {
    return isNumber(value) ? numberFormat(this.language, { maximumSignificantDigits: digits }).format(value) : dash;
  }

  compact(value: Maybe<number>): string {
    if (!isNumber(value)) return dash;
    return numberFormat(this.language, { notation: "compact", compactDisplay: this.language === "th" ? "long" : "short", maximumSignificantDigits: 3 }).format(value);
  }

  /** A rate: whole where it is large, with one decimal where it is small. */
  rate(value: Maybe<number>): string {
    if (!isNumber(value)) return dash;
    return value >= 10 || value === 0 ? this.compact(Math.round(value)) : this.decimal(value, 1);
  }

  percent(value: Maybe<number>, digits = 0): string {
    if (!isNumber(value)) return dash;
    return numberFormat(this.language, { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
  }

  /** A share that may be tiny: "<1%" rather than a false "0%". */
  share(value: Maybe<number>): string {
    if (!isNumber(value)) return dash;
    if (value > 0 && value < 0.005) return "<" + this.percent(0.01);
    if (value < 1 && value > 0.995) return ">" + this.percent(0.99);
    return this.percent(value);
  }

  /** A change with its sign: "+12.4%". */
  change(value: Maybe<number>): string {
    if (!isNumber(value)) return dash;
    const digits = Math.abs(value) < 0.1 ? 1 : 0;
    const text = numberFormat(this.language, {
      style: "percent", signDisplay: "exceptZero", minimumFractionDigits: digits, maximumFractionDigits: digits,
    }).format(value);
    return text.replace("-", "−");
  }

  signedInt(value: Maybe<number>): string {
    return isNumber(value) ? numberFormat(this.language, { signDisplay: "exceptZero", maximumFractionDigits: 0 }).format(value).replace("-", "−") : dash;
  }

  money(value: Maybe<Money>): string {
    const amount = amountOf(value);
    if (!value || Number.isNaN(amount)) return dash;
    return this.currencyFormat(value.currency, {}).format(amount);
  }

  /** Whole units: for tables, where the cents of thousands of rows are noise. */
  moneyWhole(value: Maybe<Money>): string {
    const amount = amountOf(value);
    if (!value || Number.isNaN(amount)) return dash;
    const digits = Math.abs(amount) < 100 ? {} : { maximumFractionDigits: 0, minimumFractionDigits: 0 };
    return this.currencyFormat(value.currency, digits).format(amount);
  }

  /** Three significant digits with the language's own large units (1.2M, 1.2억, 1.2 ล้าน). */
  moneyShort(value: Maybe<Money>): string {
    const amount = amountOf(value);
    if (!value || Number.isNaN(amount)) return dash;
    if (Math.abs(amount) < 1000) return this.moneyWhole(value);
    const short = this.currencyFormat(value.currency, { notation: "compact", maximumSignificantDigits: 3 });
    if (this.language !== "th") return short.format(amount);
    // The Thai short form is "1.23M"; people write "1.23 ล้าน".
    const symbol = short.formatToParts(amount).find((part) => part.type === "currency")?.value ?? "";
    return (amount < 0 ? "−" : "") + symbol + this.compact(Math.abs(amount));
  }

  moneyNumber(amount: number, currency: string): string {
    return this.moneyShort({ amount: String(amount), currency });
  }

  private currencyFormat(currency: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
    // XXX is no currency: the file named none.
    if (currency === "XXX" || !/^[A-Z]{3}$/.test(currency)) return numberFormat(this.language, { maximumFractionDigits: 2, ...options });
    return numberFormat(this.language, { style: "currency", currency, currencyDisplay: "narrowSymbol", ...options });
  }

  day(day: Maybe<string>): string {
    if (!day) return dash;
    const date = dayAsDate(day);
    // Of a line that was set aside the cell itself is shown: "1/2/2568" is for people to read, not for a calendar.
    if (Number.isNaN(date.getTime())) return day;
    return dateFormat(this.language, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).format(date);
  }

  /** Day and month; the year only where it is needed to tell days apart, so on axes. */
  dayShort(day: Maybe<string>): string {
    if (!day) return dash;
    return dateFormat(this.language, { day: "numeric", month: "short", timeZone: "UTC" }).format(dayAsDate(day));
  }

  month(day: Maybe<string>): string {
    if (!day) return dash;
    return dateFormat(this.language, { month: "short", year: "numeric", timeZone: "UTC" }).format(dayAsDate(day));
  }

  instant(at: Maybe<string>): string {
    if (!at) return dash;
    return dateFormat(this.language, { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" }).format(new Date(at));
  }

  /** To the second, for what is looked at while it happens. */
  moment(at: Maybe<string>): string {
    if (!at) return dash;
    return dateFormat(this.language, { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(new Date(at));
  }

  /** The time of day alone. */
  clock(at: Maybe<string>): string {
    if (!at) return dash;
    return dateFormat(this.language, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(new Date(at));
  }

  /** How long ago an instant was, in the coarsest unit that still says something. */
  ago(at: Maybe<string>, now: number): string {
    if (!at) return dash;
    const seconds = (new Date(at).getTime() - now) / 1000;
    const relative = new Intl.RelativeTimeFormat(locale[this.language], { numeric: "auto" });
    const steps: [Intl.RelativeTimeFormatUnit, number][] = [["day", 86400], ["hour", 3600], ["minute", 60]];
    for (const [unit, size] of steps) {
      if (Math.abs(seconds) >= size) return relative.format(Math.round(seconds / size), unit);
    }
    return { en: "just now", ko: "방금", th: "เมื่อสักครู่" }[this.language];
  }

  bytes(value: Maybe<number>): string {
    if (!isNumber(value)) return dash;
    const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
    const step = Math.min(units.length - 1, value < 1 ? 0 : Math.floor(Math.log10(value) / 3));
    return numberFormat(this.language, { style: "unit", unit: units[step] ?? "byte", maximumSignificantDigits: 3 }).format(value / 1000 ** step);
  }

  seconds(value: Maybe<number>): string {
    if (!isNumber(value)) return dash;
    if (value >= 90) return numberFormat(this.language, { style: "unit", unit: "minute", unitDisplay: "short", maximumFractionDigits: 0 }).format(value / 60);
    return numberFormat(this.language, { style: "unit", unit: "second", unitDisplay: "short", maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
  }

  /** A market code as the name of its country, where it is one. */
  market(code: Maybe<string>): string {
    if (!code) return dash;
    if (!/^[A-Z]{2}$/.test(code)) return code;
    try {
      return new Intl.DisplayNames([locale[this.language]], { type: "region" }).of(code) ?? code;
    } catch {
      return code;
    }
  }

  list(items: string[]): string {
    return new Intl.ListFormat(locale[this.language], { type: "conjunction" }).format(items);
  }
}

/** The relative change from before to now; null where there is nothing to compare with. */
export function changeOf(now: Maybe<number>, before: Maybe<number>): number | null {
  if (!isNumber(now) || !isNumber(before) || before === 0) return null;
  return (now - before) / Math.abs(before);
}
