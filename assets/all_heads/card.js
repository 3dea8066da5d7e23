// The stage "All heads": the card beside the mouse or the focused tile, with a larger picture.
(() => {
  const all = window.headscope.allHeads ||= {};
  const {beside} = window.headscope;
  const BIG = 150;
  let over = null;

  function card() {
    const found = window.headscope.made("all-card", "tooltip");
    if (!found.firstChild) found.innerHTML = "<canvas></canvas><div></div>";
    return found;
  }

  // Show a head's card beside a place of the window, or none.
  function hover(at, where) {
    if (at === over && at === null) return;
    const found = card();
    found.hidden = at === null;
    all.frame(at);
    if (at !== over && at !== null) {
      const maps = all.state.show === "maps";
      const said = maps ? mapOf(found.firstChild, at) : all.enlarge(found.firstChild, at);
      found.lastChild.replaceChildren(...facts(at, said));
    }
    over = at;
    if (at !== null) beside(found, where);
  }

  function mapOf(canvas, at) {
    all.drawTile(all.onCanvas(all.fresh(canvas, BIG, BIG)), at, 0, 0, BIG);
    return all.preview(at) ? ["a preview, not fitted yet"] : [];
  }

  const scores = at => {
    const titles = all.state.values ? all.state.values.titles : {};
    return Object.entries(titles).filter(([name]) => all.valueOf(name, at) !== null);
  };

  function facts(at, said) {
    const line = (words, className) => Object.assign(document.createElement("p"), {textContent: words, className});
    const {score, hits, show} = all.state;
    const lines = scores(at).map(([name, title]) =>
      line(`${title} ${all.number(all.valueOf(name, at))}`, name === score ? "chosen" : ""));
    if (hits && show === "maps") lines.push(line(`Found tokens apart ${all.number(all.valueOf("gathered", at))} of all`, ""));
    return [line(all.nameOf(at), "name"), ...said.map(words => line(words, "said")), ...lines];
  }

  Object.assign(all, {hover, hovered: () => over ?? null, forget() { over = undefined; }});

  document.addEventListener("mousemove", e => {
    if (e.target.id === "all-over" && all.current()) hover(all.headAt(e), e);
    else if (over !== null) hover(null);
  });
  document.addEventListener("click", e => {
    if (e.target.id !== "all-over" || !all.current()) return;
    const at = all.headAt(e);
    if (at !== null) all.open(at, e.shiftKey);
  });
})();
