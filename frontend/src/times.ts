// Times in the viewer's zone. The server writes them in the gathering's zone; that stays visible beside each.

const { lang, dataset } = document.documentElement;
const gatheringZone = dataset.zone ?? "UTC";
// Not every browser knows every language (Sorani, for one): there dates are numbers, in the language's own digits.
const isKnown = Intl.DateTimeFormat.supportedLocalesOf(lang).length > 0;
const spoken = isKnown && !lang.startsWith("en") ? lang : "en-GB"; // day before month, as the server writes it
const calendar = lang === "fa" ? "persian" : "gregory"; // as the server has it
const manner = `${spoken}-u-ca-${calendar}-nu-${dataset.digits ?? "latn"}`;

function format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(manner, { hourCycle: "h23", ...options });
}

const clock: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit" };
const withDay: Intl.DateTimeFormatOptions = isKnown
  ? { weekday: "short", day: "numeric", month: "long", ...clock }
  : { day: "numeric", month: "numeric", ...clock };

/** Hours and minutes in the viewer's zone. */
export function ownTime(instant: Date): string {
  return format(clock).format(instant);
}

/** Day, hours and minutes in the viewer's zone. */
export function ownDayAndTime(instant: Date): string {
  return format(withDay).format(instant);
}

/** Hours and minutes in the gathering's zone. */
export function gatheringTime(instant: Date): string {
  return format({ ...clock, timeZone: gatheringZone }).format(instant);
}

/** A number in the page's language. */
export function number(value: number, digits = 0): string {
  const rule = { useGrouping: false, minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(manner, rule).format(value);
}

/** Whether the viewer's clock differs from the gathering's at that instant. */
export function isElsewhere(instant: Date): boolean {
  return format(withDay).format(instant) !== format({ ...withDay, timeZone: gatheringZone }).format(instant);
}

function isOnAnotherDay(instant: Date): boolean {
  const day: Intl.DateTimeFormatOptions = { day: "numeric", month: "numeric" };
  return format(day).format(instant) !== format({ ...day, timeZone: gatheringZone }).format(instant);
}

/** Rewrite each time below `root` into the viewer's zone, where that differs. */
export function showOwnTimes(root: ParentNode): void {
  let changed = false;
  for (const time of root.querySelectorAll<HTMLTimeElement>(".when time")) {
    const instant = new Date(time.dateTime);
    const there = time.parentElement?.querySelector<HTMLElement>("small");
    if (!there || Number.isNaN(instant.valueOf()) || !isElsewhere(instant)) continue;
    const long = time.dataset.show === "day" || isOnAnotherDay(instant);
    time.textContent = long ? ownDayAndTime(instant) : ownTime(instant);
    there.textContent = there.dataset.there ?? "";
    changed = true;
  }
  const note = document.querySelector<HTMLElement>("[data-zone-note]");
  if (changed && note?.dataset.zoneNote) {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    note.textContent = note.dataset.zoneNote.replace("{zone}", own);
  }
}
