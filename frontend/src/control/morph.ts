// Brings an element's content in line with new HTML without replacing what stays: a button being pressed survives.

/**
 * Make `root` contain `html`. Elements are matched by id, else by place and tag. Pictures keep
 * their own address, and what is marked `data-kept` keeps its content.
 */
export function morph(root: Element, html: string): void {
  const template = document.createElement("template");
  template.innerHTML = html;
  children(root, template.content);
}

function children(old: ParentNode & Node, wanted: Node): void {
  const byId = new Map([...old.children].filter((child) => child.id).map((child) => [child.id, child]));
  let place: ChildNode | null = old.firstChild;
  for (const next of [...wanted.childNodes]) {
    const known = next instanceof Element && next.id ? byId.get(next.id) : undefined;
    const match = known ?? (place && fits(place, next) ? place : null);
    if (!match) {
      old.insertBefore(next, place);
      continue;
    }
    if (match === place) place = place.nextSibling;
    else old.insertBefore(match, place);
    one(match, next);
  }
  while (place) {
    const after: ChildNode | null = place.nextSibling;
    place.remove();
    place = after;
  }
}

function fits(old: Node, wanted: Node): boolean {
  if (old.nodeName !== wanted.nodeName) return false;
  return !(old instanceof Element && wanted instanceof Element) || old.id === wanted.id;
}

function one(old: Node, wanted: Node): void {
  if (!(old instanceof Element && wanted instanceof Element)) {
    if (old.nodeValue !== wanted.nodeValue) old.nodeValue = wanted.nodeValue;
    return;
  }
  const keeps = old.hasAttribute("data-picture") ? ["src"] : [];
  for (const { name, value } of [...wanted.attributes])
    if (!keeps.includes(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  for (const { name } of [...old.attributes])
    if (!keeps.includes(name) && !wanted.hasAttribute(name)) old.removeAttribute(name);
  if (!old.hasAttribute("data-kept") && !old.isEqualNode(wanted)) children(old, wanted);
}
