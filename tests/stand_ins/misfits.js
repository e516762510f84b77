// What does not fit the screen, as sentences. `mayBeCut`: selectors of what is cut off on purpose.
(mayBeCut) => {
  const found = [];
  const screen = document.documentElement.clientWidth;
  const spared = mayBeCut.join(", ");
  const name = (element) => `${element.tagName.toLowerCase()}.${[...element.classList].join(".")} “${element.textContent.trim().replace(/\s+/g, " ").slice(0, 50)}”`;
  const shows = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest(spared);
  const wide = document.documentElement.scrollWidth;
  if (wide > screen) found.push(`the page is ${wide} wide on ${screen}`);

  for (const element of document.body.querySelectorAll("*:not(img, video, svg, svg *, input, select, option, meter)")) {
    if (!shows(element)) continue;
    const style = getComputedStyle(element);
    const cuts = (overflow) => overflow === "hidden" || overflow === "clip";
    if (cuts(style.overflowX) && element.scrollWidth > element.clientWidth + 1)
      found.push(`cut off at the side by ${element.scrollWidth - element.clientWidth}: ${name(element)}`);
    if (cuts(style.overflowY) && element.scrollHeight > element.clientHeight + 1)
      found.push(`cut off below by ${element.scrollHeight - element.clientHeight}: ${name(element)}`);
  }

  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !shows(element) || element.closest("select, noscript")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const text = range.getBoundingClientRect();
    if (text.width === 0) continue;
    let box = element;
    while (getComputedStyle(box).display.startsWith("inline") && !getComputedStyle(box).display.includes("-")) box = box.parentElement;
    const { left, right } = box.getBoundingClientRect();
    if (text.left < left - 1 || text.right > right + 1) found.push(`runs out of its box by ${Math.round(Math.max(left - text.left, text.right - right))}: ${name(box)}`);
    let scroller = element;
    while (scroller && !/auto|scroll/.test(getComputedStyle(scroller).overflowX)) scroller = scroller.parentElement;
    if (!scroller && (text.left < -1 || text.right > screen + 1)) found.push(`outside the screen: ${name(element)}`);
  }
  return [...new Set(found)];
}
