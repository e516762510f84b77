// Titles are as long as people make them, and a hall screen cannot be scrolled: what does not fit is set smaller.

/** Bring everything that is shown within its place. */
export function fitAll(hall: HTMLElement): void {
  for (const place of hall.querySelectorAll<HTMLElement>("[data-fit]")) fit(place);
}

/**
 * `--fit` goes down from 1 until nothing sticks out, and no further than the percent that the place names; if that is
 * not enough, words break and the last rows go.
 */
function fit(place: HTMLElement): void {
  const rows = [...place.querySelectorAll<HTMLElement>("[data-row]")];
  for (const row of rows) row.hidden = false;
  place.classList.remove("is-tight");
  for (let percent = 100; percent >= Number(place.dataset.fit); percent -= 5) {
    place.style.setProperty("--fit", String(percent / 100));
    if (fits(place)) return;
  }
  place.classList.add("is-tight");
  while (rows.length && !fits(place)) rows.pop()?.setAttribute("hidden", "");
}

function fits(place: HTMLElement): boolean {
  return place.scrollHeight <= place.clientHeight && place.scrollWidth <= place.clientWidth;
}
