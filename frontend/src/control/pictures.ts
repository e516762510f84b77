// Program and preview four times a second, one source between them: a single request at a time, so that orders never
// wait behind pictures for one of the browser's six connections.

const TURN_MS = 125;
const PATIENCE_MS = 2000;

/** Ask for a picture again; done when it is there or known to be missing. */
function refresh(picture: HTMLImageElement, turn: number): Promise<void> {
  return new Promise((done) => {
    const finish = (isMissing: boolean): void => {
      picture.classList.toggle("is-missing", isMissing);
      done();
    };
    picture.onload = () => finish(false);
    picture.onerror = () => finish(true);
    window.setTimeout(done, PATIENCE_MS);
    picture.src = `/control/pictures/${picture.dataset.picture ?? ""}.jpg?${turn}`;
  });
}

export function followPictures(desk: HTMLElement): void {
  let turn = 0;
  const next = async (): Promise<void> => {
    const buses = [...desk.querySelectorAll<HTMLImageElement>("img.bus-picture")];
    const sources = [...desk.querySelectorAll<HTMLImageElement>(".source img")];
    const due = turn % 3 < 2 ? buses[turn % 3] : sources[Math.floor(turn / 3) % Math.max(1, sources.length)];
    turn += 1;
    if (due && !document.hidden) await refresh(due, turn);
    window.setTimeout(() => void next(), document.hidden ? 1000 : TURN_MS);
  };
  void next();
}
