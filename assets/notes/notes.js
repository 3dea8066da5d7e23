// Stars and notes on heads (components/notes): the buttons beside a head's title, the marks in the
// grids. A star or note is shown when the server has kept it. Nothing here asks the server when
// another head is opened: what is kept of a model comes with the model.
(() => {
  const {byId, plot, set} = window.headscope;
  const SIDES = ["", "-b"], GRIDS = ["head-grid", "induction-grid"];
  const kept = {};      // by a model's owner: {"L0H2": {star, text}}
  let said = "";        // what is told when the server has kept what was asked

  const runOf = side => (side && window.headscope.runB) || window.headscope.run;
  const placeOf = side => ["layer", "head"].map(what => +byId(`${what}-select${side}`).value);
  const named = ([layer, head]) => `L${layer}H${head}`;
  // What names the heads of a run, as `ModelInfo.owner`.
  const ownerOf = ({model: {identity, part}}) => (part ? `${identity}-${part}` : identity);
  const ofModel = run => (run && kept[ownerOf(run)]) || {};
  const noteOf = (run, at) => ofModel(run)[named(at)] || {star: false, text: ""};

  function change(run, [layer, head], changed, words) {
    said = words;
    set("note-asked", {data: {run: run.key, layer, head, star: null, text: null, ...changed}});
  }

  // ---- beside a head's title

  function showHead(side) {
    const run = runOf(side), star = byId(`head-star${side}`);
    if (!star || !run) return;
    const at = placeOf(side), {star: on, text} = noteOf(run, at), name = named(at);
    byId(`head-marks${side}`).hidden = !!run.off;  // heads are kept of whole models
    star.textContent = on ? "★" : "☆";
    star.setAttribute("aria-pressed", on);
    star.title = on ? `${name} is on the shortlist: take its star away` : `Star ${name}: put it on the shortlist`;
    star.setAttribute("aria-label", `Star ${name}`);
    const open = byId(`head-note-open${side}`);
    open.classList.toggle("written", !!text);
    open.title = text ? `Your note on ${name}: ${text}` : `Write a note on ${name}`;
    showNote(side, run, at, text);
  }

  // A note that is there is shown; of one that is being written nothing is taken away.
  function showNote(side, run, at, text) {
    const box = byId(`head-note-box${side}`), field = byId(`head-note${side}`), name = `${run.key} ${named(at)}`;
    const same = field.dataset.at === name;
    if (same && field === document.activeElement) {
      field.dataset.kept = text;
      return;
    }
    if (!same) keep(field);  // written, and not left when another head was opened
    field.value = text;
    field.dataset.kept = text;
    field.dataset.at = name;
    if (!same || text) open(side, !!text && !run.off);
    box.querySelector("label").textContent = `Note on ${named(at)}`;
  }

  function open(side, yes) {
    byId(`head-note-box${side}`).hidden = !yes;
    byId(`head-note-open${side}`).setAttribute("aria-expanded", yes);
  }

  document.addEventListener("click", e => {
    const star = e.target.closest(".head-star"), note = e.target.closest(".head-note-open");
    const pressed = star || note;
    if (!pressed || !runOf(pressed.dataset.side)) return;
    const {side} = pressed.dataset, run = runOf(side), at = placeOf(side);
    if (star) {
      const on = !noteOf(run, at).star;
      change(run, at, {star: on}, on ? `${named(at)} is on the shortlist.` : `${named(at)} has no star any more.`);
      return;
    }
    const hidden = byId(`head-note-box${side}`).hidden;
    open(side, hidden);
    if (hidden) byId(`head-note${side}`).focus();
  });

  // A note is kept when its field is left; it belongs to the head that it was written on. Until the
  // server has said that it is kept, it is asked for again when another head is opened.
  function keep(field) {
    const text = field.value.trim(), {at, kept: before} = field.dataset;
    if (!at || text === before) return;
    const [key, name] = at.split(" "), [, layer, head] = /L(\d+)H(\d+)/.exec(name);
    change({key}, [+layer, +head], {text}, text ? `Note on ${name} kept.` : `Note on ${name} deleted.`);
  }

  document.addEventListener("change", e => { if (e.target.matches(".head-note")) keep(e.target); });
  document.addEventListener("keydown", e => {
    if (e.target.matches(".head-note") && (e.key === "Escape" || (e.key === "Enter" && (e.ctrlKey || e.metaKey)))) {
      const {side} = e.target.dataset;
      e.target.blur();
      if (e.key === "Escape") closeNotes();
      byId(`head-note-open${side}`).focus();
      e.stopPropagation();
    }
  });

  // Close the boxes in which nothing is written; true if there was one. A written note stays in sight.
  function closeNotes() {
    const empty = SIDES.filter(side => {
      const box = byId(`head-note-box${side}`);
      return box && box.offsetParent && !byId(`head-note${side}`).value.trim();
    });
    for (const side of empty) open(side, false);
    return empty.length > 0;
  }

  // ---- in the grids

  const starredIn = run => Object.entries(ofModel(run)).filter(([, {star}]) => star)
    .map(([name]) => /L(\d+)H(\d+)/.exec(name).slice(1).map(Number))
    .filter(([layer, head]) => layer < run.model.layers && head < run.model.heads);

  function mark(gd) {
    for (const old of gd.querySelectorAll(":scope > .cell-star")) old.remove();
    const {run} = window.headscope, {z} = gd._fullData[0];
    if (!run || z.length !== run.model.layers || z[0].length !== run.model.heads) return;
    for (const at of starredIn(run)) {
      const [x, y, width, height] = window.headscope.cell(gd, ...at), star = document.createElement("span");
      const size = Math.max(7, Math.min(11, height, width));
      star.className = "cell-star";
      star.textContent = "★";
      star.setAttribute("aria-hidden", "true");  // the shortlist tells
      Object.assign(star.style, {left: `${x + width - size - 1}px`, top: `${y + (height < 14 ? (height - size) / 2 : 1)}px`, fontSize: `${size}px`});
      gd.appendChild(star);
    }
  }

  function markAll() {
    for (const id of GRIDS) {
      const gd = plot(id);
      if (!gd) continue;
      if (!gd.dataset.stars) gd.on("plotly_afterplot", () => mark(gd));
      gd.dataset.stars = "yes";
      mark(gd);
    }
    const all = window.headscope.allHeads;
    if (all && all.later) all.later();
  }

  // The same in a saved picture (save_picture.js).
  function starsOver(gd, pen) {
    for (const star of gd.querySelectorAll(":scope > .cell-star")) {
      const [left, top, size] = ["left", "top", "fontSize"].map(side => parseFloat(star.style[side]));
      Object.assign(pen, {font: `${size}px sans-serif`, fillStyle: window.headscope.css("--hs-ink"), strokeStyle: window.headscope.css("--hs-panel"), lineWidth: 2.5, lineJoin: "round"});
      pen.strokeText("★", left, top + size * .9);
      pen.fillText("★", left, top + size * .9);
    }
  }

  // ---- client-side callbacks

  const later = () => requestAnimationFrame(() => { SIDES.forEach(showHead); markAll(); });

  window.headscope.callbacks({
    notesSent(models) {
      for (const {identity, heads} of models || []) kept[identity] = heads;
      if (said) window.headscope.say(said);
      said = "";
      later();
    },
  });
  window.headscope.onHead(later);

  Object.assign(window.headscope, {
    starsOver, closeNotes,
    // Whether a head of A's model is starred, by its number among all.
    starredAt: (at, heads) => noteOf(window.headscope.run, [Math.floor(at / heads), at % heads]).star,
  });
  new MutationObserver(() => { if (GRIDS.some(id => plot(id) && !plot(id).dataset.stars)) markAll(); })
    .observe(document.documentElement, {childList: true, subtree: true});
})();
