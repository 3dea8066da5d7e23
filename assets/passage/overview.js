// The whole of a long passage as a small picture (components/passage/overview.py), with a frame around
// what the heatmap shows of it. A click, a drag or an arrow key moves that: the selection holds where.
(() => {
  const {byId, set, skip} = window.headscope;
  const SIDE = 160, LEAST = 40;    // pixels of the picture along its longer side, and at least
  const STEP = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]};
  let of = null, asked = null;     // whose picture is to be shown, and what the server was asked
  let part = null;                 // what the heatmap shows: [first, end, all] of rows and of columns
  let sent = null;                 // the picture, as it came last
  let dragged = null, timer = null;  // where the frame is while it is moved, as [row, column]

  const equal = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
  const sides = () => [part.rows, part.columns];
  const shownFrom = () => dragged || sides().map(([first]) => first);

  // Height and width of the picture: as the passage's sides are to each other.
  function size() {
    const all = sides().map(([, , n]) => n), most = Math.max(...all);
    return all.map(n => Math.max(LEAST, Math.round(SIDE * n / most)));
  }

  // ---- what is drawn

  const mine = () => sent && of && ["run", "layer", "head", "passage"].every(name => sent[name] === of[name]);

  function picture() {
    const levels = Uint8Array.from(atob(sent.levels), c => c.charCodeAt(0));
    const shades = sent.shades[document.documentElement.dataset.bsTheme === "dark" ? "dark" : "light"];
    const pixels = new ImageData(sent.columns, sent.rows);
    levels.forEach((level, i) => pixels.data.set([...window.headscope.inkBetween(shades, level / 255), 255], 4 * i));
    const canvas = Object.assign(document.createElement("canvas"), {width: sent.columns, height: sent.rows});
    canvas.getContext("2d").putImageData(pixels, 0, 0);
    return canvas;
  }

  function draw() {
    const canvas = byId("overview-picture"), [height, width] = size();
    Object.assign(canvas.style, {width: `${width}px`, height: `${height}px`});
    const pen = window.headscope.pen(canvas, width, height);
    if (!mine()) return;
    pen.imageSmoothingEnabled = false;
    pen.drawImage(picture(), 0, 0, width, height);
  }

  const number = n => n.toLocaleString("en");

  function frame() {
    const box = size(), from = shownFrom(), lengths = sides().map(([first, end]) => end - first);
    const [[top, left], [tall, wide]] = [from, lengths].map(each => each.map((n, i) => box[i] * n / sides()[i][2]));
    window.headscope.lay(byId("overview-window"), left, top, wide, tall);
    const named = ["queries", "keys"].map((what, i) => `${what} ${number(from[i])} to ${number(from[i] + lengths[i] - 1)}`);
    const last = sides().map(([first, end, all]) => all - (end - first)), along = last[0] ? 0 : 1;
    const told = {valuenow: from[along], valuemax: last[along], valuetext: `${named.join(", ")} of ${number(part.rows[2])} and ${number(part.columns[2])}`};
    for (const [name, value] of Object.entries(told)) byId("overview-map").setAttribute(`aria-${name}`, value);
  }

  function tell() {
    const all = sides().map(([, , n]) => n), pixels = sent && mine() ? [sent.rows, sent.columns] : null;
    const each = pixels ? all.map((n, i) => Math.ceil(n / pixels[i])).join(" × ") : "";
    byId("overview-said").textContent = `All ${all.map(number).join(" × ")} pairs. ${pixels ? `A pixel: the largest attention of up to ${each} pairs, by its root. ` : ""}Click, drag or arrow keys: move the window.`;
    const {selection} = window.headscope.state, back = byId("overview-back");
    back.hidden = !part.chosen;
    back.textContent = selection && selection.token !== null ? "Back to the selected token" : "Back to the beginning";
  }

  function show() {
    const place = byId("overview");
    if (!place) return;
    place.hidden = !of;
    byId("heatmap-panel").classList.toggle("with-overview", !!of);
    if (!of) return;
    draw();
    frame();
    tell();
  }

  // ---- moving what is shown

  const inside = (at, i) => { const [first, end, all] = sides()[i]; return Math.max(0, Math.min(Math.round(at), all - (end - first))); };

  // The frame goes there at once, the heatmap follows.
  function moveTo(at) {
    dragged = at.map(inside);
    frame();
  }

  // What is selected stays if it is still in what is shown; else the passage alone.
  function use() {
    const {selection, tokens} = window.headscope.state;
    if (!of || !dragged) return;
    const [rows, columns] = sides(), starts = {query: tokens.starts, key: (tokens.keys || tokens).starts};
    const side = selection && selection.token !== null && (selection.role === "query" ? 0 : 1);
    const place = selection && selection.token !== null ? selection.token - starts[selection.role][of.passage] : -1;
    const [first, end] = side === 1 ? columns : rows, at = side === 1 ? dragged[1] : dragged[0];
    const stays = place >= at && place < at + end - first;
    const next = stays ? selection : {role: "query", token: null, near: starts.query[of.passage]};
    set("selection", {data: {...next, window: dragged}});
  }

  function useSoon() {
    clearTimeout(timer);
    timer = setTimeout(use, 150);
  }

  // Where the mouse is, as the middle of what is to be shown.
  function under(e) {
    const {left, top} = byId("overview-map").getBoundingClientRect(), box = size();
    return [e.clientY - top, e.clientX - left].map((at, i) => {
      const [first, end, all] = sides()[i];
      return at / box[i] * all - (end - first) / 2;
    });
  }

  document.addEventListener("pointerdown", e => {
    const map = e.target.closest("#overview-map");
    if (!map || !of || e.button) return;
    const moved = event => moveTo(under(event));
    const done = event => {
      map.removeEventListener("pointermove", moved);
      for (const name of ["pointerup", "pointercancel"]) map.removeEventListener(name, done);
      if (event.type === "pointerup") use(); else { dragged = null; frame(); }
    };
    map.setPointerCapture(e.pointerId);
    map.addEventListener("pointermove", moved);
    for (const name of ["pointerup", "pointercancel"]) map.addEventListener(name, done);
    moveTo(under(e));
  });

  // Before others hear of the key: elsewhere arrows change the head.
  document.addEventListener("keydown", e => {
    if (!e.target.closest("#overview-map") || !of || e.ctrlKey || e.metaKey || e.altKey) return;
    const step = STEP[e.key], page = {PageUp: -1, PageDown: 1}[e.key], ends = {Home: 0, End: 1}[e.key], from = shownFrom();
    const shown = sides().map(([first, end, all]) => (end - first < all ? end - first : 0));
    if (step) moveTo(from.map((at, i) => at + step[i] * shown[i] / (e.shiftKey ? 1 : 4)));
    else if (page) moveTo(from.map((at, i) => at + page * shown[i]));
    else if (ends !== undefined) moveTo(sides().map(([, , all]) => ends * all));
    else return;
    useSoon();
    e.preventDefault();
    e.stopPropagation();
  }, true);

  // What is shown of a long passage, as a selection holds it; nothing of one that is shown whole.
  window.headscope.partOfPassage = () => (of && part ? sides().map(([first]) => first) : undefined);

  window.headscope.callbacks({
    overviewAsk(link, found, run) {
      of = link && run && link.overview && link.overview.run === run.key ? link.overview : null;
      if (of) part = link.window;
      dragged = null;
      requestAnimationFrame(show);
      const next = of ? {...of, found: found ? found.name : null} : null;
      if (equal(next, asked)) return skip();
      return asked = next;
    },
    overviewDraw(now) {
      sent = now || null;
      requestAnimationFrame(show);
    },
    overviewBack(clicks) {
      const {selection} = window.headscope.state;
      if (!clicks || !selection) return;
      const {window: _, ...rest} = selection;
      set("selection", {data: rest});
      byId("overview-map").focus();
    },
  });
})();
