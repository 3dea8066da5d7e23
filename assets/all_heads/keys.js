// The stage "All heads" from the keyboard: every tile is a button without a picture of its own. One
// of them is in the order of tabs; arrows go from there to its neighbours.
(() => {
  const all = window.headscope.allHeads ||= {};
  const {byId, lay} = window.headscope;
  const tiles = () => [...byId("all-over").children];

  // What a tile says of itself.
  function words(at) {
    const {score, values} = all.state, value = all.valueOf(score, at), known = value !== null && value !== undefined;
    const number = known ? `${(values.titles[score] || score).toLowerCase()} ${all.number(value)}` : "";
    const [layer, head] = all.placed(at);
    return [`Layer ${layer}, head ${head}`, number, all.starred(at) ? "starred" : "", all.preview(at) ? "a preview" : ""].filter(Boolean).join(", ");
  }

  // There is a button for each head, with its name and number.
  all.nameTiles = () => {
    const over = byId("all-over"), {layers, heads} = all.shown(), count = layers * heads;
    if (over.childElementCount !== count)
      over.replaceChildren(...Array.from({length: count}, (_, at) => {
        const tile = Object.assign(document.createElement("button"), {className: "all-tile", type: "button"});
        tile.tabIndex = at === all.opened() ? 0 : -1;
        return tile;
      }));
    const size = all.size(), [left, top] = all.corner(0);
    tiles().forEach((tile, at) => {
      const [x, y] = all.corner(at);
      lay(tile, x - left, y - top, size - 3, size - 3);
      tile.setAttribute("aria-label", words(at));
    });
  };

  const STEPS = {
    ArrowLeft: (at, row) => (at % row ? at - 1 : at), ArrowRight: (at, row) => ((at + 1) % row ? at + 1 : at),
    ArrowUp: (at, row) => at - row, ArrowDown: (at, row) => at + row,
    Home: (at, row) => at - at % row, End: (at, row) => at - at % row + row - 1,
  };

  // Before others hear of the key: elsewhere arrows change the head.
  document.addEventListener("keydown", e => {
    const tile = e.target.closest(".all-tile");
    if (!tile || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === "Escape") { all.hover(null); e.stopPropagation(); return; }
    const step = STEPS[e.key];
    if (!step) return;
    const every = tiles(), at = every.indexOf(tile), next = every[step(at, all.shown().heads)];
    if (next) {
      tile.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    }
    e.preventDefault();
    e.stopPropagation();
  }, true);

  document.addEventListener("focusin", e => {
    const tile = e.target.closest(".all-tile");
    if (!tile) { if (all.hovered() !== null) all.hover(null); return; }
    const {right, top} = tile.getBoundingClientRect();
    all.hover(tiles().indexOf(tile), {clientX: right, clientY: top});
  });

  document.addEventListener("click", e => {
    const tile = e.target.closest(".all-tile");
    if (tile) all.open(tiles().indexOf(tile), e.shiftKey);
  });
})();
