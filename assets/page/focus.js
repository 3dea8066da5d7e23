// The focus never falls to the page as a whole: where what has it goes away, or can't be used any
// more, the nearest control takes it, so that the keyboard goes on from there.
(() => {
  const {byId} = window.headscope;
  // Buttons before fields: on a button the page's own keys still work.
  const BUTTONS = "button:not(.modebar-btn), a[href], summary", FIELDS = "select, input, textarea";
  // What belongs together although it isn't nearest.
  const INSTEAD = {
    "kept-delete": "kept-select", "ghost-remove": "ghost-input", "b-same": "b-open", "first-close": "head-note-open",
    "passage-next": "passage-previous", "passage-previous": "passage-next",
  };
  let last = null;    // what had the focus, and all that it lies in
  let before = null;  // what had it before the message in the corner took it

  const usable = found => !!found && found.isConnected && !found.disabled && found.checkVisibility({visibilityProperty: true});
  const follows = (one, other) => !!(one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING);

  // In a part of the page: what follows the lost one, else what is before it.
  function within(part, lost) {
    for (const kind of [BUTTONS, FIELDS]) {
      const found = [...part.querySelectorAll(kind)].filter(each => usable(each) && each.type !== "hidden" && each.tabIndex >= 0);
      const next = found.find(each => !lost || follows(lost, each)) || found[found.length - 1];
      if (next) return next;
    }
    return null;
  }

  function nearest({path}) {
    const [lost] = path, toast = path.some(each => each.id === "error-toast");
    if (usable(byId(INSTEAD[lost.id]))) return byId(INSTEAD[lost.id]);
    if (toast && usable(before)) return before;
    const stage = path.find(each => each.classList.contains("stage"));
    if (stage && stage.hidden) return within(document.querySelector(".stage:not([hidden])"), null);
    for (const [i, part] of path.entries()) {
      if (["page", "main"].includes(part.id) || part === document.body) break;
      const found = i && usable(part) && within(part, path.slice(0, i).findLast(each => each.isConnected));
      if (found) return found;
    }
    return byId("guide-open");
  }

  function look() {
    const now = document.activeElement;
    if (!last || (now !== document.body && usable(now))) return;
    const table = last.path.find(each => each.classList.contains("ag-root-wrapper"));
    if (usable(last.path[0]) || usable(table)) { last = null; return; }  // the person left it; a table sees to its own rows
    const next = nearest(last);
    if (!next) return;  // a page without controls
    next.focus({preventScroll: true});
    if (next.matches(":focus-visible")) next.scrollIntoView({block: "nearest"});
  }

  document.addEventListener("focusin", event => {
    const path = event.composedPath().filter(each => each instanceof Element);
    const inToast = ({path: those}) => those.some(each => each.id === "error-toast");
    if (inToast({path}) && !(last && inToast(last))) before = last && last.path[0];
    last = {path};
  });
  // It goes with what is hidden, disabled or taken away; not every browser tells of that by itself.
  document.addEventListener("focusout", event => { if (!event.relatedTarget) requestAnimationFrame(look); });
  document.addEventListener("click", () => requestAnimationFrame(() => requestAnimationFrame(look)));
})();
